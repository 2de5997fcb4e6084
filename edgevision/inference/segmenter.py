"""A network that says what each pixel of a picture is."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from edgevision.core.boxes import Placement
from edgevision.core.types import Image, Segmentation, Size
from edgevision.errors import ConfigError, ModelError
from edgevision.inference.classifier import PYTORCH, TENSORFLOW
from edgevision.inference.maps import MOST_CLASSES, Layout, best_classes, layouts, nearest_classes
from edgevision.inference.opened import Opened
from edgevision.inference.outputs import choose
from edgevision.inference.preprocess import InputSpec, Preprocessor

ULTRALYTICS: Mapping[str, object] = {"resize": "letterbox", "pad": 114}

Values = Literal["scores", "ids", "probability", "logit"]
MEANINGS: Mapping[Values, str] = {
    "scores": "a value for each class at each place; the highest is believed",
    "ids": "the class at each place, already decided",
    "probability": "one value 0..1 at each place: the second class from 0.5",
    "logit": "one value at each place: the second class from 0",
}


class Segmenter:
    """Safe to use from several threads, each with its own `preprocessor()`."""

    task = "segment"

    def __init__(self, opened: Opened) -> None:
        """Raises ModelError or ConfigError with what to do."""
        self._session = opened.session
        self.path, self.weaknesses = opened.path, opened.weaknesses
        self.provider, self.precision = self._session.provider, self._session.precision
        self._output = choose(opened, map_outputs(opened.signature.outputs, opened.spec.size))
        self._layout = _layout(opened, self._output)
        self.values = values_of([outputs[self._output] for outputs in opened.probes], self._layout)
        if self._layout.classes > MOST_CLASSES:
            raise ModelError(
                f"{self.path} tells {self._layout.classes} classes apart; at most {MOST_CLASSES} are known"
            )
        known = {"scores": self._layout.classes, "ids": 0, "probability": 2, "logit": 2}
        self.labels = opened.labels(known[self.values])
        self.input = opened.input(usual_input(opened.spec, opened.signature.metadata))
        if self.input.resize == "crop":
            raise ConfigError(
                f"{self.path}: `resize: crop` leaves the borders of a picture undecided; a segmenter takes "
                "`stretch`, `letterbox` or `letterbox_top_left`"
            )
        self.why = MEANINGS[self.values]

    def facts(self) -> dict[str, str]:
        """What a user wants to know of a loaded network, for logs and reports."""
        width, height = self.input.size
        return {
            "file": self.path.name,
            "task": self.task,
            "values": self.values,
            "input": f"{width}x{height}",
            "classes": str(len(self.labels)),
            "provider": self.provider,
            "precision": self.precision,
        }

    def preprocessor(self, into: np.ndarray | None = None) -> Preprocessor:
        """into: what it writes to, if not to a tensor of its own."""
        return Preprocessor(self.input, into)

    def infer(self, tensor: np.ndarray) -> list[np.ndarray]:
        return self._session.run(tensor)

    def decode(self, outputs: list[np.ndarray], placement: Placement) -> Segmentation:
        """The map of one run, in the frame's size. Raises ModelError if the output is no map of classes."""
        planes = self._layout.planes(outputs[self._output])
        if np.isnan(planes.min()):  # one NaN makes the least one
            raise ModelError(
                f"{self.path} gave no numbers (NaN) for this picture; a float16 network can overflow where "
                "its float32 export does not"
            )
        if self.values == "ids":
            return Segmentation(nearest_classes(self._ids(planes[0]), self.input.size, placement))
        planes = planes.astype(np.float32)
        if self.values != "scores":
            threshold = 0.5 if self.values == "probability" else 0.0
            planes = np.stack([np.full_like(planes[0], threshold), planes[0]])
        return Segmentation(best_classes(planes, self.input.size, placement))

    def segment(self, image: Image) -> Segmentation:
        """All of it for one picture (H, W, 3) uint8 BGR; for single pictures, it allocates."""
        tensor, placement = self.preprocessor()(image)
        return self.decode(self.infer(tensor), placement)

    def _ids(self, plane: np.ndarray) -> Image:
        if plane.dtype.kind == "f" and (plane != np.rint(plane)).any():
            raise ModelError(
                f"{self.path} gave class ids for test pictures, but parts of one for this picture"
            )
        least, most = int(plane.min()), int(plane.max())
        if least < 0 or most >= min(len(self.labels), MOST_CLASSES):
            raise ModelError(
                f"{self.path} gave class {least if least < 0 else most}, but {len(self.labels)} labels are "
                "known; `labels:` must name them all, in its order"
            )
        return plane.astype(np.uint8)


def map_outputs(outputs: Sequence[np.ndarray], size: Size) -> list[int]:
    """The outputs that can be a map of classes, if all of a network's are alike; else none.

    Maps of several sizes are the grids of a detector without its decoder.
    """
    found = [index for index, output in enumerate(outputs) if layouts(output, size)]
    alike = len({output.shape for output in outputs}) == 1
    return found if alike else []


def values_of(probes: Sequence[np.ndarray], layout: Layout) -> Values:
    """What the numbers of a map are, by what they were for several pictures."""
    if layout.classes > 1:
        return "scores"
    if all(probe.dtype.kind in "iub" or (probe == np.rint(probe)).all() for probe in probes):
        return "ids"
    inside = all(probe.min() >= 0 and probe.max() <= 1 for probe in probes)
    return "probability" if inside else "logit"


def usual_input(spec: InputSpec, metadata: Mapping[str, str]) -> Mapping[str, object]:
    """A whole picture must be seen, so nothing is cropped; demos of such networks stretch it."""
    if metadata.get("task") == "semantic":
        return ULTRALYTICS
    usual = TENSORFLOW if spec.layout == "nhwc" else PYTORCH
    return {**usual, "resize": "stretch"}


def _layout(opened: Opened, index: int) -> Layout:
    """Where the classes are. Where that could be at either end, their number or the input's layout tells."""
    fitting = layouts(opened.signature.outputs[index], opened.spec.size)
    if len(fitting) > 1:
        try:
            count = len(opened.labels(0))
        except ModelError:
            count = 0
        named = [layout for layout in fitting if layout.classes == count] or fitting
        end = "last" if opened.spec.layout == "nhwc" else "first"
        fitting = [layout for layout in named if layout.axis == end] or named
    return fitting[0]
