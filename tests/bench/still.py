"""What `when_still` saves: CPU of `edgevision run` on a film with long pauses, with it and without, by turns.

    python -m tests.bench.still highway-traffic_11s.mp4 --network yolov8n_fp32_640.onnx --labels coco \
        --plays 2.2 --halts 60 --spells 5

The film is the clip at 1280 x 720 and 25 frames/s, H.264 with a keyframe every 2 s: it plays for `--plays` s,
stands still for `--halts` s, plays on, and so forth; with the noise of a sensor in every picture, so that no
two are equal. Counts on the line must be the same. The CPU is that of the whole process, its start too.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import yaml

from edgevision.core.types import Image
from edgevision.opencv import as_image, cv2
from tests.pipeline.halting import Noise

SIZE, RATE, NOISE = (1280, 720), 25, 3.0
ENCODE = [
    "-c:v", "libx264", "-preset", "veryfast", "-g", str(2 * RATE), "-b:v", "2M", "-pix_fmt", "yuv420p"
]  # fmt: skip


def pictures(clip: Path, plays: float, halts: float, spells: int) -> Iterator[Image]:
    noise = Noise(NOISE, SIZE)
    film = cv2.VideoCapture(str(clip))
    step = (film.get(cv2.CAP_PROP_FPS) or RATE) / RATE  # of its pictures to one of ours
    shown, number, wanted = np.zeros((*SIZE[::-1], 3), np.uint8), 0, 0.0
    for _ in range(spells):
        for _ in range(int(plays * RATE)):
            while number <= wanted:
                decoded, image = film.read()
                number += 1
                if decoded:
                    shown = as_image(cv2.resize(image, SIZE))
            wanted += step
            yield noise.on(shown)
        for _ in range(int(halts * RATE)):
            yield noise.on(shown)


def make(path: Path, options: argparse.Namespace) -> None:
    raw = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", "{}x{}".format(*SIZE), "-r", str(RATE), "-i", "-"]
    command = ["ffmpeg", "-v", "error", "-y", *raw, *ENCODE, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin
        for image in pictures(options.clip, options.plays, options.halts, options.spells):
            encoder.stdin.write(image.tobytes())


def config(film: Path, options: argparse.Namespace, still: bool) -> dict[str, object]:
    x1, y1, x2, y2 = options.line
    camera = {
        "source": str(film),
        "lines": {"line": {"from": [x1, y1], "to": [x2, y2]}},
        "zones": {"all": {"polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}},
    }
    if still:
        camera["when_still"] = {"after": options.after, "look_every": 5}
    network = options.network if ":" in options.network else str(Path(options.network).resolve())
    model = {"path": network} | ({"labels": options.labels} if options.labels else {})
    return {"models": {"m": model}, "cameras": {"c": camera}, "http": None}


def run(folder: Path, settings: dict[str, object]) -> tuple[float, dict[str, object]]:
    """CPU seconds, and what was counted."""
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(settings))
    before = os.times()
    command = [sys.executable, "-m", "edgevision", "run", str(path), "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return used, json.loads(done.stdout)["cameras"]["c"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--network", default="builtin:default")
    parser.add_argument("--labels")
    parser.add_argument("--line", type=float, nargs=4, default=[0, 0.556, 1, 0.556])
    parser.add_argument("--plays", type=float, default=2.0)
    parser.add_argument("--halts", type=float, default=60.0)
    parser.add_argument("--spells", type=int, default=5)
    parser.add_argument("--after", type=float, default=3.0)
    parser.add_argument("--turns", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        make(film, options)
        used: dict[bool, list[float]] = {False: [], True: []}
        for turn in range(2 * options.turns):
            still = bool(turn % 2)
            cpu, counted = run(Path(folder), config(film, options, still))
            used[still].append(cpu)
            print(
                "with when_still" if still else "without",
                f"{cpu:.1f} s of CPU",
                json.dumps(counted),
                flush=True,
            )
    without, with_it = (float(np.median(used[still])) for still in (False, True))
    print(f"{without:.1f} s without, {with_it:.1f} s with it: {without / with_it:.1f} times less")


if __name__ == "__main__":
    main()
