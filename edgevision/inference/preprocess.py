"""Makes a picture into a network's input tensor."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from edgevision.core.boxes import Placement
from edgevision.core.types import Image, Size
from edgevision.inference.settings import Resize
from edgevision.opencv import cv2


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What a network wants to be given: value = (pixel - mean) / std for each channel."""

    size: Size
    layout: Literal["nchw", "nhwc"] = "nchw"
    dtype: str = "float32"  # float32, float16 or uint8; uint8 is given as it is
    color: Literal["rgb", "bgr"] = "rgb"
    resize: Resize = "letterbox"
    crop: float = 0.875  # share of the short side that `crop` shows: 224 of 256, as ImageNet is measured
    pad: int = 114
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)  # in the order of `color`, in 0..255
    std: tuple[float, float, float] = (255.0, 255.0, 255.0)
    batched: bool = True  # whether the input has a dimension for several pictures, which is 1
    several: bool = field(default=False, compare=False)  # whether the file leaves open how many

    @property
    def shape(self) -> tuple[int, ...]:
        width, height = self.size
        picture = (3, height, width) if self.layout == "nchw" else (height, width, 3)
        return (1, *picture) if self.batched else picture


class Preprocessor:
    """Turns pictures into tensors for one worker. It owns its buffers: nothing is allocated per frame, and
    the tensor of a call is overwritten by the next."""

    def __init__(self, spec: InputSpec, into: np.ndarray | None = None) -> None:
        """into: to be written to, of the input's shape and type, such as one picture's part of a batch."""
        self._spec = spec
        self._given = np.zeros(spec.shape, spec.dtype) if into is None else into
        self._tensor = self._given if spec.batched else self._given[None]
        # What the look-up writes to. It moves bits, and OpenCV 4 knows no float16 but moves 16 bits.
        self._written = self._tensor.view(np.int16) if spec.dtype == "float16" else self._tensor
        # All 256 values of a pixel, once: exact for any mean and std, and as fast as multiplying.
        pixels = np.arange(256, dtype=np.float64)[:, None]
        self._table = ((pixels - spec.mean) / spec.std).astype(spec.dtype).view(self._written.dtype)
        self._columns = [np.ascontiguousarray(column) for column in self._table.T]
        self._placement: Placement | None = None
        # The network takes what OpenCV makes: it is made in place.
        self._as_it_is = (spec.layout, spec.dtype, spec.color) == ("nhwc", "uint8", "bgr")

    def __call__(self, image: Image) -> tuple[np.ndarray, Placement]:
        """The tensor for a picture (H, W, 3) uint8 BGR, and where the picture lies in it."""
        frame = Size(image.shape[1], image.shape[0])
        if self._placement is None or self._placement.frame != frame:
            self._placement = place(frame, self._spec)
            self._lay_out(self._placement)
        if self._spec.resize == "crop":
            self._crop(image, self._placement)
        else:
            height, width = self._canvas.shape[:2]
            cv2.resize(image, (width, height), dst=self._canvas, interpolation=cv2.INTER_LINEAR)
        self._fill()
        return self._given, self._placement

    def _lay_out(self, placement: Placement) -> None:
        """Write the bars beside the picture, once; from then on only its own part of the input is filled."""
        self._use(0, 0, *self._spec.size)
        self._canvas[:] = self._spec.pad
        self._fill()
        if self._spec.resize != "crop":
            width = round(placement.frame.width * placement.scale_x)
            height = round(placement.frame.height * placement.scale_y)
            self._use(round(placement.offset_x), round(placement.offset_y), width, height)

    def _use(self, x: int, y: int, width: int, height: int) -> None:
        """Buffers of a part of the input, and the part itself."""
        part = (slice(y, y + height), slice(x, x + width))
        whole = self._written[0]
        self._target = whole[(slice(None), *part)] if self._spec.layout == "nchw" else whole[part]
        self._canvas = self._target if self._as_it_is else np.empty((height, width, 3), np.uint8)
        self._flipped = np.empty_like(self._canvas)
        self._planes = [np.empty((height, width), np.uint8) for _ in range(3)]

    def _crop(self, image: Image, placement: Placement) -> None:
        x, y = round(-placement.offset_x / placement.scale_x), round(-placement.offset_y / placement.scale_y)
        width = round(self._spec.size.width / placement.scale_x)
        height = round(self._spec.size.height / placement.scale_y)
        # Classifiers are trained on pictures made small with every pixel counted; below half the size,
        # linear interpolation skips some.
        shrinks = placement.scale_x < 0.5 and placement.scale_y < 0.5
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        window = image[y : y + height, x : x + width]
        cv2.resize(window, self._spec.size, dst=self._canvas, interpolation=way)

    def _fill(self) -> None:
        if self._as_it_is:
            return
        flipped = self._spec.color == "rgb"
        if self._spec.layout == "nhwc":
            if self._spec.dtype == "uint8":
                cv2.cvtColor(self._canvas, cv2.COLOR_BGR2RGB, self._target)
                return
            source = cv2.cvtColor(self._canvas, cv2.COLOR_BGR2RGB, self._flipped) if flipped else self._canvas
            cv2.LUT(source, self._table[None], self._target)
            return
        cv2.split(self._canvas, self._planes)
        for channel, plane in enumerate(reversed(self._planes) if flipped else self._planes):
            if self._spec.dtype == "uint8":
                np.copyto(self._target[channel], plane)
            else:
                cv2.LUT(plane, self._columns[channel], self._target[channel])


def place(frame: Size, spec: InputSpec) -> Placement:
    """Where a frame goes in the input. Sides are whole pixels, so each axis has its own exact scale."""
    if spec.resize == "stretch":
        return Placement(frame, spec.size.width / frame.width, spec.size.height / frame.height, 0, 0)
    if spec.resize == "crop":
        return _window(frame, spec)
    scale = min(spec.size.width / frame.width, spec.size.height / frame.height)
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    centred = spec.resize == "letterbox"
    return Placement(
        frame,
        width / frame.width,
        height / frame.height,
        (spec.size.width - width) // 2 if centred else 0,
        (spec.size.height - height) // 2 if centred else 0,
    )


def _window(frame: Size, spec: InputSpec) -> Placement:
    """The middle of the frame, in the input's proportions. Its sides are whole pixels of the frame: only the
    window is resized, so that a picture of 1 x 16000 needs no memory for what is cut away."""
    scale = max(spec.size.width / frame.width, spec.size.height / frame.height) / spec.crop
    width = min(frame.width, max(1, round(spec.size.width / scale)))
    height = min(frame.height, max(1, round(spec.size.height / scale)))
    scale_x, scale_y = spec.size.width / width, spec.size.height / height
    left, top = (frame.width - width) // 2, (frame.height - height) // 2
    return Placement(frame, scale_x, scale_y, -left * scale_x, -top * scale_y)
