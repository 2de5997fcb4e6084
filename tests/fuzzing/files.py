"""Videos, pictures and networks with bits flipped, cut short or doubled in places."""

import itertools
import random
from pathlib import Path
from threading import Event

import numpy as np

from edgevision.builtin import builtin_path
from edgevision.core.types import Image
from edgevision.errors import EdgevisionError
from edgevision.inference.network import load_network
from edgevision.inference.settings import ModelSettings
from edgevision.opencv import cv2
from edgevision.sources import LiveSettings, open_source, parse_address
from edgevision.sources.images import read_image

MOST_FRAMES = 60  # read of a file of 30: what says that it has more has lied


def make_samples(folder: Path) -> list[Path]:
    """Small videos of several containers and codecs, and pictures."""
    made = []
    for name, codec in (("a.mp4", "mp4v"), ("b.avi", "MJPG"), ("c.mkv", "mp4v"), ("d.webm", "VP80")):
        writer = cv2.VideoWriter(
            str(folder / name), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), 25, (96, 64)
        )
        for number in range(30):
            writer.write(np.random.default_rng(number).integers(0, 255, (64, 96, 3), np.uint8))
        writer.release()
        made.append(folder / name)
    for name in ("e.png", "f.jpg", "g.webp", "h.bmp"):
        cv2.imwrite(str(folder / name), np.full((64, 96, 3), 99, np.uint8))
        made.append(folder / name)
    return made


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Most of what matters stands in the first bytes, so half of the damage is done there."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 3, 10, 100))):
        at = chance.randrange(len(data) if chance.random() < 0.5 else min(len(data), 600))
        data[at] ^= 1 << chance.randrange(8)
    if chance.random() < 0.2:
        at = chance.randrange(len(data))
        data[at : at + 8] = chance.choice((b"\xff" * 8, b"\0" * 8, b"\x7f" + b"\xff" * 7))
    if chance.random() < 0.2:
        del data[chance.randrange(len(data)) :]
    return bytes(data)


def read_damaged(sample: Path, chance: random.Random) -> None:
    """Pictures come, or one clear error."""
    path = sample.with_name(f"damaged{sample.suffix}")
    path.write_bytes(damaged(sample.read_bytes(), chance))
    pictures: list[Image] = []
    said = str(path)
    try:
        if sample.suffix in (".png", ".jpg", ".webp", ".bmp"):
            pictures = [read_image(path)]
        else:
            given = open_source(parse_address(str(path), Path()), LiveSettings()).pictures(Event())
            pictures = [picture.image for picture in itertools.islice(given, MOST_FRAMES)]
    except EdgevisionError as error:
        said = str(error)
    assert str(path) in said
    for image in pictures:
        assert image.dtype == np.uint8
        assert image.ndim == 3


def load_damaged(folder: Path, chance: random.Random) -> None:
    """A network that is read and looks at a picture, or one clear error."""
    path = folder / "damaged.onnx"
    path.write_bytes(damaged(builtin_path("models/drawn.onnx").read_bytes(), chance))
    try:
        load_network(ModelSettings(path=str(path), labels=["a"]), folder, threads=1)
    except EdgevisionError:
        return
