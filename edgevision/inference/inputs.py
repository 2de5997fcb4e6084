"""What a network wants to be given: from its file, what its format is used to, a card, the configuration."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from edgevision.core.types import Size
from edgevision.errors import ModelError
from edgevision.inference.engine import Engine
from edgevision.inference.preprocess import InputSpec
from edgevision.inference.session import Tensor
from edgevision.inference.settings import InputSettings

USUAL_SIZE = Size(640, 640)  # what exports with an open size are made for, when nothing says otherwise
LONGEST_SIDE = 8192
MOST_PIXELS = 2**24  # 200 MB as float32; the largest networks in use take a sixth of it

# Inputs beside the picture, by the names that the exports give them. Boxes come out in pixels of what is said
# here, so it is always the network's input: the way back to the frame is the same for all networks.
COMPANIONS: dict[str, Callable[[Size], list[float]]] = {
    "orig_target_sizes": lambda size: [size.width, size.height],  # RT-DETR, D-FINE, DEIM
    "orig_size": lambda size: [size.width, size.height],
    "im_shape": lambda size: [size.height, size.width],  # PaddleDetection
    "scale_factor": lambda size: [1, 1],
}
PADDING = "pixel_mask"  # of Transformers: 1 where the picture is, and it is everywhere


def declared(session: Engine, *settings: InputSettings, usual: Size = USUAL_SIZE) -> tuple[InputSpec, bool]:
    """What the file says of its input, and whether its size is sure.

    A size left open is the first that settings or metadata say, else the usual one.
    """
    tensor = session.picture
    shape = tensor.shape or (None, 3, None, None)  # no shape at all
    batched = len(shape) == 4
    if len(shape) == 3:
        shape = (1, *shape)
    if len(shape) != 4 or tensor.dtype not in ("float32", "float16", "uint8"):
        raise ModelError(
            f"its input {tensor.name} is {tensor.dtype} of shape {tensor.shape}; known are pictures of "
            "float32, float16 or uint8 as (1, 3, height, width) or (1, height, width, 3)"
        )
    if shape[0] not in (None, 1):
        raise ModelError(
            f"its input {tensor.name} takes {shape[0]} pictures at a time; export it with a batch of 1, or "
            "an open one"
        )
    last = shape[3] == 3 and shape[1] != 3
    channels = shape[3] if last else shape[1]
    if channels not in (None, 3):
        raise ModelError(
            f"its input {tensor.name} of shape {tensor.shape} has {channels} channels; known are pictures of "
            "three colours"
        )
    height, width = shape[1:3] if last else shape[2:4]
    told = _told_size(session, *settings)
    size = Size(width or (told or usual).width, height or (told or usual).height)
    _check_size(tensor, size)
    several = batched and shape[0] is None
    spec = InputSpec(size, "nhwc" if last else "nchw", tensor.dtype, batched=batched, several=several)
    return spec, bool((width and height) or told)


def companions(session: Engine, size: Size) -> dict[str, np.ndarray]:
    """The same values for every picture, for the inputs beside it. Raises ModelError for one unknown."""
    values = {}
    for tensor in session.inputs:
        if tensor is session.picture:
            continue
        if tensor.name in COMPANIONS and tensor.shape[-1:] == (2,):
            values[tensor.name] = np.array([COMPANIONS[tensor.name](size)], tensor.dtype)
        elif tensor.name == PADDING and len(tensor.shape) == 3:
            rows, columns = tensor.shape[1] or size.height, tensor.shape[2] or size.width
            values[tensor.name] = np.ones((1, rows, columns), tensor.dtype)
        else:
            raise ModelError(
                f"it has an input {tensor.name} ({tensor.dtype} of shape {tensor.shape}) beside the picture; "
                f"known are {', '.join((*COMPANIONS, PADDING))}: export it without"
            )
    return values


def completed(
    spec: InputSpec, usual: Mapping[str, Any], own_mean: float | None, *settings: InputSettings
) -> InputSpec:
    """The input with what its format is used to, and over that what the card, then the configuration say.

    own_mean: 255 or 1 for a graph that subtracts ImageNet's mean itself, from pixels of 0..255 or 0..1.
    """
    values = {key: value for key, value in usual.items() if key != "size"}
    if own_mean and "mean" in values:
        values |= {"mean": (0.0, 0.0, 0.0), "std": (255 / own_mean,) * 3}
    for each in settings:
        values |= each.model_dump(exclude_none=True, exclude={"size"})
    return replace(spec, **values)


def _told_size(session: Engine, *settings: InputSettings) -> Size | None:
    for each in settings:
        if each.size:
            return Size(*each.size)
    found = re.findall(r"\d+", session.metadata.get("imgsz", ""))
    return Size(int(found[1]), int(found[0])) if len(found) == 2 else None


def _check_size(tensor: Tensor, size: Size) -> None:
    if max(size) > LONGEST_SIDE or size.width * size.height > MOST_PIXELS or min(size) < 1:
        raise ModelError(
            f"its input {tensor.name} of {size.width}x{size.height} pixels is too large: at most "
            f"{LONGEST_SIDE} a side and {MOST_PIXELS // 10**6} megapixels are taken"
        )
