"""A small packed data set of drawn pictures, in the format of models/train/pack.py."""

import json
from pathlib import Path

import numpy as np

from edgevision.opencv import cv2
from edgevision.scene.render import Renderer
from edgevision.scene.world import Scene

CLASSES = ["person", "bicycle", "car", "motorcycle", "bus", "truck", "bottle"]
KNOWN = [1, 0, 1, 1, 1, 1, 0]


def write_pack(folder: Path, pictures: int = 6) -> None:
    """Pictures of one scene; the last two are held out, the first has a bottle and a region to ignore too."""
    scene = Scene(2, size=(320, 180))
    renderer = Renderer(scene)
    files, rows, begins = [], [], [0]
    for t in np.linspace(3, 50, pictures).tolist():
        _, data = cv2.imencode(".webp", renderer.frame(t), [cv2.IMWRITE_WEBP_QUALITY, 80])
        files.append(data.tobytes())
        truth = scene.truth(t)
        rows += [
            [CLASSES.index(name), *box] for name, box in zip(truth.labels, truth.boxes.tolist(), strict=True)
        ]
        if len(files) == 1:
            rows += [[CLASSES.index("bottle"), 1, 2, 11, 22], [-1, 100, 10, 140, 30]]
        begins.append(len(rows))
    lengths = [len(data) for data in files]
    (folder / "images.bin").write_bytes(b"".join(files))
    (folder / "meta.json").write_text(json.dumps({"classes": CLASSES, "sets": ["street"]}))
    np.savez(
        folder / "index.npz",
        off=np.cumsum([0, *lengths[:-1]]),
        len=np.array(lengths, np.int32),
        ds=np.zeros(pictures, np.int8),
        split=np.array([0] * (pictures - 2) + [1, 2], np.int8),
        known=np.array([KNOWN] * pictures, np.int8),
        bi=np.array(begins, np.int32),
        box=np.array(rows, np.float16),
    )
