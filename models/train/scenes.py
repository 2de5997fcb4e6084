"""Drawn pictures to learn from: scenes of edgevision/scene, kept as JPEG files.

Seeds from FIRST_SEED on belong to training; 1..1000 stay unseen, for demo, tests and measuring.
"""

from __future__ import annotations

from multiprocessing import get_context
from pathlib import Path

import numpy as np
from rich.progress import track

from edgevision.opencv import cv2
from edgevision.scene.render import Renderer
from edgevision.scene.world import LABELS as DRAWN
from edgevision.scene.world import Scene
from models.train.augment import Sample
from models.train.labels import LABELS

FIRST_SEED = 100_001
PER_SCENE = 24  # pictures of each scene
CLEAR = 0.3  # share seen from which an object is to be found
HIDDEN = 0.12  # share seen below which it is not to be found; between the two the network is not judged


def draw(count: int, folder: Path) -> None:
    """Draw the first `count` scenes that are not yet in `folder`, one process per core."""
    folder.mkdir(parents=True, exist_ok=True)
    seeds = range(FIRST_SEED, FIRST_SEED + count)
    todo = [(seed, folder) for seed in seeds if not (folder / f"{seed}.npz").exists()]
    with get_context("spawn").Pool() as pool:
        for _ in track(pool.imap_unordered(_draw_scene, todo), "drawing scenes", total=len(todo)):
            pass


def _draw_scene(job: tuple[int, Path]) -> None:
    """Write PER_SCENE pictures at half size and, last, their truth."""
    seed, folder = job
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    scene = Scene(seed)
    renderer = Renderer(scene)
    truths = []
    for i, t in enumerate(rng.uniform(0, scene.seconds, PER_SCENE)):
        frame = cv2.resize(renderer.frame(float(t)), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(folder / f"{seed}_{i}.jpg"), frame, [cv2.IMWRITE_JPEG_QUALITY, 95])
        truths.append(scene.truth(float(t)))
    np.savez(
        folder / f"{seed}.npz",
        picture=np.concatenate([np.full(len(truth.ids), i) for i, truth in enumerate(truths)]),
        labels=np.concatenate([[DRAWN.index(label) for label in truth.labels] for truth in truths]),
        boxes=np.concatenate([truth.boxes for truth in truths]) / 2,
        visible=np.concatenate([truth.visible for truth in truths]),
    )


def load(count: int, folder: Path) -> list[Sample]:
    """The pictures of the first `count` scenes; every label is known in them."""
    numbers = np.array([LABELS.index(label) for label in DRAWN])
    everything = np.ones(len(LABELS), bool)
    samples = []
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        with np.load(folder / f"{seed}.npz") as file:
            truth = dict(file)
        for i in range(PER_SCENE):
            of = (truth["picture"] == i) & (truth["visible"] >= HIDDEN)
            labels = np.where(truth["visible"] >= CLEAR, numbers[truth["labels"]], -1)[of]
            image = np.asarray(cv2.imread(str(folder / f"{seed}_{i}.jpg")))
            boxes = truth["boxes"][of].astype(np.float32)
            samples.append(Sample(image, labels.astype(np.int64), boxes, everything))
    return samples
