"""The options of `edgevision init`."""

import argparse
import re
from pathlib import Path

USES = ("parking", "gate", "people", "shelf", "queue")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def add_init(command: argparse.ArgumentParser) -> None:
    command.add_argument("use", choices=USES, help="what it is to begin with")
    command.add_argument("--source", metavar="URL", help="the camera: rtsp://..., /dev/video0, a video file")
    command.add_argument("--model", help="an .onnx file, builtin:NAME or pulled:NAME (builtin:default)")
    command.add_argument("--alert", metavar="URL", help="a web address that is told of each event")
    command.add_argument("--output", type=Path, metavar="FILE", help="what to write (USE.yaml, here)")
    command.add_argument("--force", action="store_true", help="replace files that are there")
    command.add_argument(
        "--from-camera", action="store_true", help="also take a picture to draw on, beside the file"
    )
    spots = command.add_argument_group("spots, of parking", "they go into spots.yaml beside the file")
    ways = spots.add_mutually_exclusive_group()
    ways.add_argument(
        "--spots", type=Path, metavar="FILE", help="take them from YAML, COCO, CVAT, LabelMe or Ultralytics"
    )
    ways.add_argument(
        "--learn",
        metavar="SOURCE",
        help="watch a camera, a video, or that of a configuration, and propose some",
    )
    spots.add_argument("--size", metavar="WxH", help="with --spots: of the picture, or the picture itself")
    spots.add_argument(
        "--for",
        dest="seconds",
        type=_duration,
        default=7200.0,
        metavar="TIME",
        help="with --learn: how long (2h)",
    )
    spots.add_argument(
        "--every",
        type=_duration,
        default=1.0,
        metavar="TIME",
        help="with --learn: time between two looks (1s)",
    )
    spots.add_argument("--camera", metavar="NAME", help="with --learn CONFIG: which, if it has several")


def _duration(text: str) -> float:
    parts = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h)", text)
    if not parts or float(parts[1]) == 0:
        raise argparse.ArgumentTypeError(f"expected a duration such as 10s, 30m or 2h, got {text}")
    return float(parts[1]) * _UNITS[parts[2]]
