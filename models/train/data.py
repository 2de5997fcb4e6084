"""Pictures to learn from: rendered scenes kept as JPEG files, changed at random each time one is used.

Seeds from FIRST_SEED on belong to training; 1..1000 stay unseen, for demo, tests and measuring.
"""

from __future__ import annotations

from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from edgevision.scene.render import Renderer
from edgevision.scene.world import LABELS, Scene
from models.train.loss import Targets

WIDTH, HEIGHT, PAD = 416, 256, 114
FIRST_SEED = 100_001
PER_SCENE = 24  # pictures of each scene
SIZES = ((960, 540), (960, 540), (800, 450), (720, 405), (640, 360))
CLEAR = 0.3  # share seen from which an object is to be found
HIDDEN = 0.12  # share seen below which it is not to be found; between the two the network is not judged
Image = NDArray[np.uint8]


class Sample(NamedTuple):
    """One picture to learn from.

    image (HEIGHT, WIDTH, 3) uint8 BGR; labels (N,) int64, -1 for regions to be ignored; boxes (N, 4) float32
    xyxy px.
    """

    image: Image
    labels: NDArray[np.int64]
    boxes: NDArray[np.float32]


def render(seeds: list[int], folder: Path) -> None:
    """Draw the scenes of `seeds` that are not yet in `folder`, one process per core."""
    folder.mkdir(parents=True, exist_ok=True)
    todo = [(seed, folder) for seed in seeds if not (folder / f"{seed}.npz").exists()]
    with get_context("spawn").Pool() as pool:
        for done, seed in enumerate(pool.imap_unordered(_render_scene, todo), 1):
            if done % 25 == 0 or done == len(todo):
                print(f"scene {done} of {len(todo)} drawn (seed {seed})", flush=True)


def _render_scene(job: tuple[int, Path]) -> int:
    """Write PER_SCENE pictures and, last, their truth: labels, boxes, visible shares and picture numbers."""
    seed, folder = job
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    scene = Scene(seed, 60.0, SIZES[rng.integers(len(SIZES))])
    renderer = Renderer(scene)
    truths = []
    for i, t in enumerate(rng.uniform(0, 60, PER_SCENE)):
        cv2.imwrite(str(folder / f"{seed}_{i}.jpg"), renderer.frame(float(t)), [cv2.IMWRITE_JPEG_QUALITY, 95])
        truths.append(scene.truth(float(t)))
    np.savez(
        folder / f"{seed}.npz",
        picture=np.concatenate([np.full(len(truth.ids), i) for i, truth in enumerate(truths)]),
        labels=np.concatenate([[LABELS.index(label) for label in truth.labels] for truth in truths]),
        boxes=np.concatenate([truth.boxes for truth in truths]),
        visible=np.concatenate([truth.visible for truth in truths]),
    )
    return seed


class Pictures(torch.utils.data.IterableDataset[Sample]):
    """An endless stream of changed pictures; each worker has its own random numbers."""

    def __init__(self, seeds: list[int], folder: Path, seed: int, mild: bool) -> None:
        self.seeds, self.folder, self.seed, self.mild = seeds, folder, seed, mild

    def __iter__(self) -> Iterator[Sample]:
        cv2.setNumThreads(1)
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng((self.seed, worker.id if worker else 0))
        truths = {}
        while True:
            seed, i = self.seeds[rng.integers(len(self.seeds))], int(rng.integers(PER_SCENE))
            if seed not in truths:
                with np.load(self.folder / f"{seed}.npz") as file:
                    truths[seed] = dict(file)
            truth = truths[seed]
            of = truth["picture"] == i
            labels = np.where(truth["visible"][of] >= CLEAR, truth["labels"][of], -1)
            keep = truth["visible"][of] >= HIDDEN
            image = cv2.imread(str(self.folder / f"{seed}_{i}.jpg"))
            yield change(image, labels[keep], truth["boxes"][of][keep], rng, self.mild)


def change(
    image: Image, labels: NDArray[np.int64], boxes: NDArray[np.float32], rng: np.random.Generator, mild: bool
) -> Sample:
    """Crop or shrink, mirror, recolour and spoil a picture, and fit it into the network's input.

    `mild` keeps close to what the network will see in use; it is for the last part of the training.
    """
    image, labels, boxes = _place(image, labels, boxes, rng, mild)
    image = _recolour(image, rng, 0.5 if mild else 1.0)
    if rng.random() < 0.15:
        image = cv2.GaussianBlur(image, (3, 3), rng.uniform(0.4, 1.0))
    if rng.random() < 0.3:
        noise = rng.uniform(1, 8) * rng.standard_normal(image.shape, dtype=np.float32)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 95))])
        image = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return Sample(image, labels, boxes)


def _place(
    image: Image, labels: NDArray[np.int64], boxes: NDArray[np.float32], rng: np.random.Generator, mild: bool
) -> Sample:
    """Scale 0.6-1.8 times the fitting size (mild: 0.93-1.15), shift, mirror half of the time."""
    height, width = image.shape[:2]
    fit = min(WIDTH / width, HEIGHT / height)
    zoom = np.exp(
        rng.uniform(np.log(0.93), np.log(1.15)) if mild else rng.triangular(np.log(0.6), 0.0, np.log(1.8))
    )
    scale = fit * zoom
    room = np.array([WIDTH - width * scale, HEIGHT - height * scale])
    shift = room / 2 if rng.random() < 0.3 else rng.uniform(np.minimum(room, 0), np.maximum(room, 0))
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    if rng.random() < 0.5:
        matrix[0] = (-scale, 0, shift[0] + width * scale)
    half = np.array([0.5, 0.5])  # boxes count from the corner of the first pixel, warpAffine from its centre
    centred = np.column_stack([matrix[:, :2], matrix[:, 2] + matrix[:, :2] @ half - half])
    placed = cv2.warpAffine(image, centred, (WIDTH, HEIGHT), borderValue=(PAD, PAD, PAD))
    corners = boxes.reshape(-1, 2, 2) @ matrix[:, :2].T + matrix[:, 2]
    full = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    inside = np.clip(full, 0, (WIDTH, HEIGHT, WIDTH, HEIGHT))
    sides = inside[:, 2:] - inside[:, :2]
    share = sides.prod(axis=1) / np.maximum((full[:, 2:] - full[:, :2]).prod(axis=1), 1e-6)
    labels = np.where((share < 0.2) | (sides.min(axis=1) < 4), -1, labels)
    kept = sides.min(axis=1) > 1
    return Sample(placed, labels[kept].astype(np.int64), inside[kept].astype(np.float32))


def _recolour(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Hue, saturation, brightness, contrast and gamma; one in twenty pictures is grey."""
    steps = np.arange(256)
    hue, saturation = rng.uniform(-6, 6) * strength, 1 + rng.uniform(-0.5, 0.4) * strength
    gain, gamma = 1 + rng.uniform(-0.3, 0.3) * strength, np.exp(rng.uniform(-0.35, 0.35) * strength)
    tone = (
        255 * np.clip((steps / 255 - 0.5) * gain + 0.5 + rng.uniform(-0.12, 0.12) * strength, 0, 1) ** gamma
    )
    if rng.random() < 0.05:
        grey = cv2.LUT(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), tone.astype(np.uint8))
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))
    table = np.stack(
        [(steps + hue) % 180, np.clip(steps * saturation, 0, 255), np.clip(tone, 0, 255)], axis=-1
    )
    hsv = cv2.LUT(cv2.cvtColor(image, cv2.COLOR_BGR2HSV), table[None].astype(np.uint8))
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR))


def collate(samples: list[Sample]) -> tuple[torch.Tensor, Targets]:
    """Images (B, 3, HEIGHT, WIDTH) uint8 BGR and the objects of all of them."""
    images = torch.from_numpy(np.stack([sample.image for sample in samples])).permute(0, 3, 1, 2)
    owners = np.concatenate([np.full(len(sample.labels), i) for i, sample in enumerate(samples)])
    labels = torch.from_numpy(np.concatenate([sample.labels for sample in samples]))
    boxes = torch.from_numpy(np.concatenate([sample.boxes for sample in samples]))
    return images, Targets(torch.from_numpy(owners).long(), labels, boxes)


def batches(
    seeds: list[int], folder: Path, seed: int, mild: bool, size: int, workers: int
) -> Iterator[tuple[torch.Tensor, Targets]]:
    """Batches of `size` pictures for ever, prepared by `workers` processes."""
    loader = torch.utils.data.DataLoader(
        Pictures(seeds, folder, seed, mild),
        size,
        num_workers=workers,
        collate_fn=collate,
        prefetch_factor=4 if workers else None,
    )
    return iter(loader)
