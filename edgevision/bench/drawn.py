"""A recording to measure with where none is given: some seconds of the drawn car park."""

from pathlib import Path

from edgevision.core.types import Size
from edgevision.opencv import cv2
from edgevision.scene.render import Renderer
from edgevision.scene.world import Scene
from edgevision.videofile import VideoFile

SECONDS, FPS = 4, 15
BEGIN = 10.0  # s into the scene: several cars are about
SIZE = Size(1280, 720)  # as the smaller stream of many cameras


def draw_clip(path: Path) -> Path:
    """Raises OutputError."""
    video = VideoFile(path)
    renderer = Renderer(Scene(seed=1))
    for number in range(SECONDS * FPS):
        image = cv2.resize(renderer.frame(BEGIN + number / FPS), SIZE)
        video.write(image, FPS)  # type: ignore[arg-type]
    video.close()
    return path
