"""A network that says what a picture as a whole is."""

import functools
from collections.abc import Mapping, Sequence

import numpy as np

from edgevision.core.types import Classification, Floats, Image
from edgevision.errors import ModelError
from edgevision.inference.formats.base import IMAGENET_MEAN, IMAGENET_STD
from edgevision.inference.opened import Opened
from edgevision.inference.outputs import choose
from edgevision.inference.preprocess import InputSpec, Preprocessor
from edgevision.inference.settings import Activation

# What networks are used to, where neither card nor configuration say. torchvision and timm: ImageNet's mean
# and deviation over a short side of 256, of which the middle 224 are shown (He et al., CVPR 2016).
PYTORCH: Mapping[str, object] = {
    "resize": "crop",
    "mean": IMAGENET_MEAN,
    "std": IMAGENET_STD,
}
# Keras' MobileNet, Inception, Xception: -1..1. Others of its networks take 0..1 or 0..255: a card must say.
TENSORFLOW: Mapping[str, object] = {"resize": "crop", "mean": (127.5,) * 3, "std": (127.5,) * 3}
# Its training and its exports only divide by 255, and cut nothing off the short side.
ULTRALYTICS: Mapping[str, object] = {"resize": "crop", "crop": 1.0}

SLACK = 0.001  # by which float16 leaves 0..1
SUM_SLACK = 0.05  # by which the sum of 1000 scores, each rounded to 8 bits, leaves 1


class Classifier:
    """Safe to use from several threads, each with its own `preprocessor()`."""

    task = "classify"

    def __init__(self, opened: Opened) -> None:
        """Raises ModelError with what to do."""
        self._session = opened.session
        self.path, self.weaknesses = opened.path, opened.weaknesses
        self.provider, self.precision = self._session.provider, self._session.precision
        self._output = choose(opened, score_rows(opened.signature.outputs))
        probes = np.stack([_row(outputs[self._output]) for outputs in opened.probes])
        if not np.isfinite(probes).all():
            raise ModelError(f"{self.path} gives no numbers (NaN) for test pictures: the file is damaged")
        self.labels = opened.labels(probes.shape[1])
        given = opened.settings.activation or opened.card.activation
        self.activation = given or needed_activation(probes)
        self.exclusive = self.activation == "softmax" or (self.activation == "none" and _adds_up(probes))
        self.why = _reason(given, self.activation, self.exclusive)
        self.input = opened.input(usual_input(opened.spec, opened.signature.metadata))

    def facts(self) -> dict[str, str]:
        """What a user wants to know of a loaded network, for logs and reports."""
        width, height = self.input.size
        return {
            "file": self.path.name,
            "task": self.task,
            "activation": self.activation,
            "input": f"{width}x{height}",
            "classes": str(len(self.labels)),
            "provider": self.provider,
            "precision": self.precision,
        }

    def preprocessor(self) -> Preprocessor:
        return Preprocessor(self.input)

    @functools.cached_property
    def batches(self) -> bool:
        """Whether it gives several pictures (N, ...) at once what it gives each alone.

        An open first dimension promises it, but exports break the promise: a reshape to a fixed 1 inside,
        or 8 bits whose scale is found from all pictures of a run. So it is tried, with noise and a slope.
        """
        if not self.input.batched or self._session.picture.shape[0] is not None:
            return False
        noise = np.random.default_rng(0).integers(0, 256, self.input.shape).astype(self.input.dtype)
        slope = np.linspace(0, 255, noise.size).reshape(noise.shape).astype(self.input.dtype)
        try:
            both = self.infer(np.concatenate([noise, slope]))
            return all(
                np.allclose(
                    self.decode([output[row : row + 1] for output in both]).scores,
                    self.decode(self.infer(alone)).scores,
                    atol=SLACK,
                )
                for row, alone in enumerate((noise, slope))
            )
        except (ModelError, ValueError, IndexError):  # it does not run, or gives one row for both
            return False

    def infer(self, tensor: np.ndarray) -> list[np.ndarray]:
        return self._session.run(tensor)

    def decode(self, outputs: list[np.ndarray]) -> Classification:
        """The scores of one run. Raises ModelError if they are no numbers."""
        values = _row(outputs[self._output])
        if not np.isfinite(values).all():
            raise ModelError(
                f"{self.path} gave no numbers (NaN) for this picture; a float16 network can overflow where "
                "its float32 export does not"
            )
        return Classification(np.clip(activate(values, self.activation), 0, 1), self.exclusive)

    def classify(self, image: Image) -> Classification:
        """All of it for one picture (H, W, 3) uint8 BGR; for single pictures, it allocates."""
        tensor, _ = self.preprocessor()(image)
        return self.decode(self.infer(tensor))


def best(classification: Classification, count: int) -> list[tuple[int, float]]:
    """The `count` classes with the highest scores, best first, as class id and score 0..1."""
    order = np.argsort(-classification.scores, kind="stable")[:count]
    return [(int(class_id), float(classification.scores[class_id])) for class_id in order]


def score_rows(outputs: Sequence[np.ndarray]) -> list[int]:
    """The outputs that can be one picture's scores: C numbers as (1, C), (C,), (1, C, 1, 1), ...

    None, where other outputs are no rows: then it is not a classifier.
    """
    if not all(output.ndim > 0 and output.size == max(output.shape) for output in outputs):
        return []
    known = ("float32", "float16", "uint8")  # other whole numbers are ids of classes, not scores
    return [index for index, output in enumerate(outputs) if output.dtype.name in known]


def needed_activation(probes: Floats) -> Activation:
    """What the values (P, C) of P pictures still need to become 0..1.

    Values that stay within 0..1 over several pictures are finished. A network with one output says yes or no.
    """
    if probes.min() >= -SLACK and probes.max() <= 1 + SLACK:
        return "none"
    return "sigmoid" if probes.shape[1] == 1 else "softmax"


def activate(values: Floats, activation: Activation) -> Floats:
    """(C,) float32 as the network gave them -> (C,) float32 scores, 0..1."""
    scores = values
    if activation == "softmax":
        scores = np.exp(values - values.max())
        scores = scores / scores.sum()
    elif activation == "sigmoid":
        scores = (1 + np.tanh(values / 2)) / 2  # 1 / (1 + exp(-x)), without its overflow
    return scores.astype(np.float32)


def usual_input(spec: InputSpec, metadata: Mapping[str, str]) -> Mapping[str, object]:
    if metadata.get("task") == "classify":
        return ULTRALYTICS
    return TENSORFLOW if spec.layout == "nhwc" else PYTORCH


def _row(output: np.ndarray) -> Floats:
    """(C,) float32; 8 bits stand for 0..1, as in networks converted from TensorFlow Lite."""
    values: Floats = output.reshape(-1).astype(np.float32)
    return values / np.float32(255) if output.dtype == np.uint8 else values


def _adds_up(probes: Floats) -> bool:
    return probes.shape[1] > 1 and bool(np.abs(probes.sum(axis=1) - 1).max() <= SUM_SLACK)


def _reason(given: Activation | None, activation: Activation, exclusive: bool) -> str:
    if given:
        return f"`activation: {given}` is set"
    if activation == "softmax":
        return "its values leave 0..1 on test pictures, so softmax makes scores of them"
    if activation == "sigmoid":
        return "its one value leaves 0..1 on test pictures, so sigmoid makes a score of it"
    if exclusive:
        return "its values are 0..1 and add up to 1, so they are the scores"
    return "its values are 0..1 and do not add up to 1: several labels can hold at once"
