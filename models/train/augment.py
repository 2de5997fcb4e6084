"""Changes pictures at random, as cameras, weather and compression do; the boxes stay on their objects."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgevision.core.types import Image
from edgevision.opencv import cv2

PAD = 114  # grey beside a picture, as the detector's letterbox has it
LEAST_SHARE = 0.2  # an object cut down to less than this, or to less than LEAST_SIDE, is not judged
LEAST_SIDE = 4.0  # px


class Sample(NamedTuple):
    """One picture to learn from."""

    image: Image  # (H, W, 3) uint8 BGR
    labels: NDArray[np.int64]  # (N,), -1 for regions that are not judged
    boxes: NDArray[np.float32]  # (N, 4) xyxy px
    known: NDArray[np.bool_]  # (labels,): what of is labelled; the others may be in the picture all the same


class Zoom(NamedTuple):
    """Range of the size at which a picture is placed, as multiples of the size that just fits."""

    least: float
    most: float


def place(sample: Sample, width: int, height: int, zoom: Zoom, rng: np.random.Generator) -> Sample:
    """The picture at a random size and place in a window of (width, height) px, mirrored half of the time."""
    rows, columns = sample.image.shape[:2]
    return moved(sample, somewhere((columns, rows), (width, height), zoom, rng), width, height)


def somewhere(
    picture: tuple[int, int], window: tuple[int, int], zoom: Zoom, rng: np.random.Generator
) -> NDArray[np.float64]:
    """(2, 3): takes points (x, y, 1) px of the picture to points of the window; both are (width, height)."""
    scale = min(window[0] / picture[0], window[1] / picture[1]) * np.exp(rng.uniform(*np.log(zoom)))
    aspect = np.exp(rng.uniform(-0.12, 0.12))
    scales = np.array([scale * aspect, scale / aspect])
    room = np.array(window) - scales * picture
    shift = rng.uniform(np.minimum(room, 0), np.maximum(room, 0))
    matrix = np.array([[scales[0], 0, shift[0]], [0, scales[1], shift[1]]])
    if rng.random() < 0.5:
        matrix[0] = (-scales[0], 0, shift[0] + picture[0] * scales[0])
    return matrix


def moved(sample: Sample, matrix: NDArray[np.float64], width: int, height: int) -> Sample:
    """What a window of (width, height) px shows of a picture that `matrix` takes there."""
    image, labels, boxes, known = sample
    placed = moved_image(image, matrix, width, height)
    corners = boxes.reshape(-1, 2, 2) @ matrix[:, :2].T + matrix[:, 2]
    full = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    inside = np.clip(full, 0, (width, height, width, height))
    sides = inside[:, 2:] - inside[:, :2]
    share = sides.prod(axis=1) / np.maximum((full[:, 2:] - full[:, :2]).prod(axis=1), 1e-6)
    labels = np.where((share < LEAST_SHARE) | (sides.min(axis=1) < LEAST_SIDE), -1, labels)
    kept = sides.min(axis=1) > 1
    return Sample(placed, labels[kept].astype(np.int64), inside[kept].astype(np.float32), known)


def moved_pixels(pixels: Image, matrix: NDArray[np.float64], width: int, height: int) -> Image:
    """The same for what each pixel is (H, W) uint8: the nearest one, 255 beside the picture."""
    return np.asarray(
        cv2.warpAffine(pixels, centred(matrix), (width, height), flags=cv2.INTER_NEAREST, borderValue=(255,))
    )


def centred(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Our points count from the corner of the first pixel, those of warpAffine from its centre."""
    half = np.array([0.5, 0.5])
    return np.column_stack([matrix[:, :2], matrix[:, 2] + matrix[:, :2] @ half - half])


def moved_image(image: Image, matrix: NDArray[np.float64], width: int, height: int) -> Image:
    """The same for the picture alone, PAD beside it."""
    if abs(matrix[0, 0]) < 0.6:  # halved first: warpAffine takes single pixels, which flickers when shrinking
        image = np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
        matrix = matrix * (2, 2, 1)
    return np.asarray(cv2.warpAffine(image, centred(matrix), (width, height), borderValue=(PAD, PAD, PAD)))


def bend(sample: Sample, rng: np.random.Generator) -> Sample:
    """The picture as a tilted wide-angle lens sees it: rolled by up to 12 degrees, its edges drawn inwards.

    A point p of the bent picture, from the middle and in half diagonals, shows what is at
    R p (1 + k |p|^2) / (1 + k / 2) of the straight one.
    """
    image, labels, boxes, known = sample
    height, width = image.shape[:2]
    half = np.hypot(width, height) / 2
    middle = np.array([width, height]) / 2
    k, roll = rng.uniform(0, 0.5), np.radians(rng.uniform(-12, 12))
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    grid = np.stack(np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5), axis=-1)
    p = (grid - middle) / half
    source = (1 + k * (p**2).sum(-1, keepdims=True)) / (1 + k / 2) * p @ turn.T * half + middle - 0.5
    edge = (PAD, PAD, PAD)
    bent = cv2.remap(image, source.astype(np.float32), None, cv2.INTER_LINEAR, borderValue=edge)
    straight = (_octagons(boxes) - middle) / half @ turn * (1 + k / 2)
    p = straight
    for _ in range(8):  # the same equation the other way round; k |p|^2 is small, so that it settles quickly
        p = straight / (1 + k * (p**2).sum(-1, keepdims=True))
    points = np.clip(p * half + middle, 0, (width, height))
    moved = np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1).astype(np.float32)
    sides = moved[:, 2:] - moved[:, :2]
    labels = np.where(sides.min(axis=1, initial=np.inf) < LEAST_SIDE, -1, labels)
    kept = sides.min(axis=1, initial=np.inf) > 1
    return Sample(np.asarray(bent), labels[kept], moved[kept], known)


def _octagons(boxes: NDArray[np.float32]) -> NDArray[np.float64]:
    """(N, 8, 2) px: boxes with cut corners. Things are rounder than boxes, and grow less when turned."""
    unit = np.array([(x, y) for a, b in ((1, 0.6), (0.6, 1)) for x in (-a, a) for y in (-b, b)])
    middle, half = (
        (boxes[:, None, :2] + boxes[:, None, 2:]) / 2,
        (boxes[:, None, 2:] - boxes[:, None, :2]) / 2,
    )
    points: NDArray[np.float64] = middle + half * unit
    return points


def spoil(image: Image, rng: np.random.Generator) -> Image:
    """Light, colour, and each now and then: haze, rain, blur, sensor noise, compression."""
    image = _recolour(image, rng)
    if rng.random() < 0.05:
        haze, grey = rng.uniform(0.2, 0.6), rng.uniform(100, 220)
        image = np.asarray(cv2.convertScaleAbs(image, alpha=1 - haze, beta=haze * grey))
    if rng.random() < 0.04:
        image = _rain(image, rng)
    if rng.random() < 0.12:
        image = np.asarray(cv2.GaussianBlur(image, (3, 3), rng.uniform(0.4, 1.1)))
    if rng.random() < 0.15:
        noise = rng.uniform(1, 9) * rng.standard_normal(image.shape, dtype=np.float32)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
    return image


def _rain(image: Image, rng: np.random.Generator) -> Image:
    """Bright slanted streaks of 5 to 15 px."""
    length, slant = int(rng.integers(5, 16)), rng.uniform(-0.4, 0.4)
    streak = np.zeros((length, length), np.float32)
    row = np.arange(length)
    streak[row, np.clip((length / 2 + slant * (row - length / 2)).astype(int), 0, length - 1)] = 1
    drops = (rng.random(image.shape[:2], np.float32) < rng.uniform(0.001, 0.006)).astype(np.float32)
    light = cv2.filter2D(drops, -1, streak) * rng.uniform(30, 110)
    return np.clip(image + light[..., None], 0, 255).astype(np.uint8)


def _recolour(image: Image, rng: np.random.Generator) -> Image:
    """Hue, saturation and brightness; one in twenty is grey, as cameras are at night, one in ten dark."""
    steps = np.arange(256)
    hue, saturation = rng.uniform(-4, 4), 1 + rng.uniform(-0.6, 0.5)
    gain, gamma = 1 + rng.uniform(-0.3, 0.3), np.exp(rng.uniform(-0.4, 0.4))
    if rng.random() < 0.1:
        gain *= rng.uniform(0.25, 0.6)
    tone = 255 * np.clip(steps / 255 * gain, 0, 1) ** gamma
    if rng.random() < 0.05:
        grey = cv2.LUT(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), tone.astype(np.uint8))
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))
    table = np.stack([(steps + hue) % 180, np.clip(steps * saturation, 0, 255), tone], axis=-1)
    hsv = cv2.LUT(cv2.cvtColor(image, cv2.COLOR_BGR2HSV), table[None].astype(np.uint8))
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR))
