"""What can happen to a camera's view, drawn over its pictures; sizes are shares of the picture."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from edgevision.core.types import Image
from edgevision.opencv import cv2

Change = Callable[[Image, float, np.random.Generator], Image]


class Fault(NamedTuple):
    name: str
    kinds: tuple[str, ...]  # what it may be called
    change: Change  # of a picture, seconds since it began
    seconds: float = 45.0
    repeats: bool = False  # the picture stands still


def _u8(values: np.ndarray) -> Image:
    clipped: Image = np.clip(values, 0, 255).astype(np.uint8)
    return clipped


def noisy(image: np.ndarray, deviation: float, rng: np.random.Generator) -> Image:
    return _u8(image + np.float32(deviation) * rng.standard_normal(image.shape, np.float32))


def cover(share: float, colour: tuple[int, int, int] = (60, 80, 120)) -> Change:
    """Something soft close to the lens, from the left."""

    def change(image: Image, t: float, rng: np.random.Generator) -> Image:
        height, width = image.shape[:2]
        rough = _u8(colour + np.random.default_rng(3).normal(0, 25, (4, 6, 3)))
        soft = np.asarray(cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
        if share >= 1:
            return soft
        ramp = np.clip((share * width - np.arange(width)) / (0.06 * width) + 0.5, 0, 1)
        edge = np.repeat(ramp.astype(np.float32)[None], height, axis=0)
        return np.asarray(cv2.blendLinear(soft, image, edge, 1 - edge), np.uint8)

    return change


def move(x: float = 0, y: float = 0, turn: float = 0, zoom: float = 1, sway: float = 0) -> Change:
    def change(image: Image, t: float, rng: np.random.Generator) -> Image:
        height, width = image.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, zoom)
        matrix[:, 2] += (x * width + sway * width * np.sin(2 * np.pi * 0.9 * t), y * height)
        return np.asarray(cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT))

    return change


def blur(pixels: float) -> Change:
    """pixels: of a picture 1280 wide."""
    return lambda image, t, rng: np.asarray(cv2.GaussianBlur(image, (0, 0), pixels * image.shape[1] / 1280))


def dim(least: float, seconds: float) -> Change:
    """Gets dark to `least` of the light, with the noise that a sensor then makes."""

    def change(image: Image, t: float, rng: np.random.Generator) -> Image:
        light = 1 - (1 - least) * min(1, t / seconds)
        return noisy(np.float32(light) * image, 5 * (1 - light), rng)

    return change


def infrared(image: Image, t: float, rng: np.random.Generator) -> Image:
    """Grey, lit from the camera: the middle bright, the far corners and the sky dark."""
    grey = 0.7 * image[..., 2].astype(np.float32) + 0.3 * image[..., 1]
    height, width = grey.shape
    y, x = np.ogrid[:height, :width]
    light = np.exp(-(((x - width / 2) / (0.5 * width)) ** 2 + ((y - 0.65 * height) / (0.6 * height)) ** 2))
    return np.asarray(cv2.cvtColor(noisy(grey * light, 7, rng), cv2.COLOR_GRAY2BGR))


def headlights(image: Image, t: float, rng: np.random.Generator) -> Image:
    """Two beams that sweep over half a dark picture."""
    height, width = image.shape[:2]
    y, x = np.mgrid[: height // 8, : width // 8] * 8.0
    high = ((y - 0.6 * height) / (0.1 * height)) ** 2
    beams = sum(np.exp(-(((x - width * (t % 4) / 4 - d) / (0.08 * width)) ** 2) - high) for d in (0, 90))
    glow = cv2.resize(_u8(255 * np.asarray(beams)), (width, height))
    return np.asarray(cv2.add(cv2.convertScaleAbs(image, alpha=0.35), cv2.merge([glow] * 3)), np.uint8)


def flash(image: Image, t: float, rng: np.random.Generator) -> Image:
    return _u8(image * 1.8 + 60) if t % 5 < 1 else image


def lorry(share: float) -> Change:
    """A box with windows, stripes and edges that stands before the camera."""

    def change(image: Image, t: float, rng: np.random.Generator) -> Image:
        height, width = image.shape[:2]
        noise = np.random.default_rng(5).integers(40, 220, (7, 12, 3), np.uint8)
        side = cv2.resize(noise, (round(share * width), height), interpolation=cv2.INTER_NEAREST)
        covered = image.copy()
        covered[:, : side.shape[1]] = side
        return covered

    return change


def crowd(people: int) -> Change:
    """Bodies that wander about, each a fifth of the picture high, in other clothes."""

    def change(image: Image, t: float, rng: np.random.Generator) -> Image:
        height, width = image.shape[:2]
        known, crowded = np.random.default_rng(7), image.copy()
        for _ in range(people):
            x, y, speed, turn = (
                known.random(),
                known.uniform(0.15, 0.95),
                known.uniform(0.02, 0.1),
                known.random(),
            )
            foot = (int(width * ((x + speed * t) % 1)), int(height * (y + 0.03 * np.sin(t * (1 + turn)))))
            body = (int(0.025 * width), int(0.09 * height))
            colour = tuple(int(c) for c in known.integers(20, 230, 3))
            cv2.ellipse(crowded, foot, body, 0, 0, 360, colour, -1, cv2.LINE_AA)
            cv2.circle(
                crowded, (foot[0], foot[1] - body[1]), body[0] // 2 + 2, (120, 150, 190), -1, cv2.LINE_AA
            )
        return crowded

    return change


def dirt(image: Image, t: float, rng: np.random.Generator) -> Image:
    """Soft brown spots over a third of the picture."""
    height, width = image.shape[:2]
    spots, known = np.zeros((height, width), np.float32), np.random.default_rng(11)
    for _ in range(9):
        at = (int(known.uniform(0, width)), int(known.uniform(0, height)))
        cv2.circle(spots, at, int(0.1 * width), 1.0, -1)
    spots = cv2.GaussianBlur(spots, (0, 0), 0.02 * width)[..., None] * 0.9
    return _u8(image * (1 - spots) + np.array((40, 60, 75)) * spots)


def rain(image: Image, t: float, rng: np.random.Generator) -> Image:
    wet = cv2.convertScaleAbs(image, alpha=0.7, beta=40)
    height, width = image.shape[:2]
    for x, y in rng.integers(0, (width, height), (500, 2)).tolist():
        cv2.line(wet, (x, y), (x + 3, y + height // 20), (215, 215, 215), 1, cv2.LINE_AA)
    return np.asarray(wet, np.uint8)


def snow(flakes: int) -> Change:
    def change(image: Image, t: float, rng: np.random.Generator) -> Image:
        white = image.copy()
        for x, y in rng.integers(0, (image.shape[1], image.shape[0]), (flakes, 2)).tolist():
            cv2.circle(white, (x, y), int(rng.integers(1, 4)), (240, 240, 240), -1, cv2.LINE_AA)
        return white

    return change


def fog(share: float) -> Change:
    def change(image: Image, t: float, rng: np.random.Generator) -> Image:
        soft = cv2.GaussianBlur(image, (0, 0), 1.2 * image.shape[1] / 1280).astype(np.float32)
        return _u8(soft * (1 - share) + 175 * share)

    return change


FAULTS = (
    Fault("hand over all", ("covered",), cover(1.0)),
    Fault("hand over 90 %", ("covered",), cover(0.9)),
    Fault("hand over 80 %", ("covered",), cover(0.8)),
    Fault("black bag", ("covered", "dark"), cover(1.0, (12, 12, 12))),
    Fault("lens cap", ("dark",), dim(0.0, 1)),
    Fault("light fails within 20 s", ("dark", "covered"), dim(0.01, 20)),
    Fault("stands still", ("frozen",), lambda image, t, rng: image, 70, repeats=True),
    *(Fault(f"blur of {p} px", ("defocused",), blur(p)) for p in (2, 3, 4, 6, 8)),
    Fault("blur of 30 px", ("defocused", "covered"), blur(30)),
    *(Fault(f"shift by {p} % right", ("moved",), move(x=p / 100)) for p in (1, 2, 3, 5, 10, 20)),
    Fault("shift by 5 % down", ("moved",), move(y=0.05)),
    *(Fault(f"turn by {p} degrees", ("moved",), move(turn=p)) for p in (2, 3, 5, 10)),
    *(Fault(f"zoom by {p}", ("moved",), move(zoom=p)) for p in (1.05, 1.1, 0.9, 1.3)),
    Fault("shift 4 %, turn 3, zoom 1.05", ("moved",), move(0.04, 0.03, 3, 1.05)),
    Fault(
        "turned away (mirrored)", ("moved",), lambda image, t, rng: np.ascontiguousarray(image[::-1, ::-1])
    ),
)
CONFOUNDERS = (
    Fault("infrared at once", (), infrared),
    Fault("to 15 % of the light at once", (), dim(0.15, 0.1)),
    Fault("headlights at night", (), headlights),
    Fault("flashes", (), flash),
    Fault("lorry over 60 %, 10 s", (), lorry(0.6), 10),
    Fault("lorry over 60 %, 45 s", (), lorry(0.6)),
    Fault("lorry over all, 8 s", (), lorry(1.0), 8),
    Fault("crowd of 60", (), crowd(60)),
    Fault("crowd of 150", (), crowd(150)),
    Fault("dirt over a third", (), dirt),
    Fault("rain", (), rain),
    Fault("snowfall", (), snow(800)),
    Fault("fog, 65 %", (), fog(0.65)),
    Fault("sways by 1 %", (), move(sway=0.01)),
    Fault("hand over 50 %", (), cover(0.5)),
)
