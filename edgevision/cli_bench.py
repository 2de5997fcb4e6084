"""The options of `edgevision bench`."""

import argparse
import re
from pathlib import Path

from edgevision.cli_values import add_engine, device, number

PEERS = ("ultralytics", "supervision", "openvino", "cv2dnn")
_UNITS = {"ms": 0.001, "s": 1.0}
_seconds = number(float, lambda value: 1 <= value <= 3600, "1 to 3600 seconds")
_rate = number(float, lambda value: 0 < value <= 1000, "frames per second, above 0 and up to 1000")
_count = number(int, lambda value: 1 <= value <= 256, "1 to 256 cameras")


def add_bench(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "config", type=Path, nargs="?", metavar="CONFIG", help="its cameras; left out, one with a line across"
    )
    command.add_argument("--model", help="an .onnx file, builtin:NAME or pulled:NAME (builtin:default)")
    command.add_argument("--labels", help="class names of --model: coco, voc, or a file with one per line")
    command.add_argument("--device", type=device, default="auto")
    add_engine(command)
    command.add_argument(
        "--source", metavar="CLIP", help="a recording that every camera plays (a drawn car park)"
    )
    command.add_argument(
        "--seconds", type=_seconds, default=20.0, metavar="N",
        help="how long altogether (20); more until each turn has 25 runs of the network",
    )  # fmt: skip
    command.add_argument(
        "--streams", type=_count, metavar="N", help="so many cameras, each as fast as it can"
    )
    command.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    command.add_argument("--html", type=Path, metavar="FILE", help="also write a page with plots")
    command.add_argument("--plans", action="store_true", help="also compare ways to use the cores")
    command.add_argument(
        "--against", nargs="+", choices=PEERS, default=[], metavar="PEER",
        help=f"also measure, in turns, {', '.join(PEERS)}: those that are installed",
    )  # fmt: skip
    carried = command.add_argument_group(
        "cameras", "how many this machine carries: by trials, which take minutes"
    )
    carried.add_argument("--cameras", action="store_true", help="find out")
    carried.add_argument("--fps", type=_rate, default=10.0, metavar="F", help="that each comes with (10)")
    carried.add_argument(
        "--latency", type=_duration, default=0.5, metavar="L",
        help="99 of 100 frames must be through within it: 500ms, 1s (500ms)",
    )  # fmt: skip
    carried.add_argument(
        "--trial",
        type=_seconds,
        default=10.0,
        metavar="N",
        help="seconds of a trial (10); more until 100 frames came and ten times --latency passed",
    )


def _duration(text: str) -> float:
    parts = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", text)
    if not parts or float(parts[1]) == 0:
        raise argparse.ArgumentTypeError(f"expected a time such as 200ms or 1s, got {text}")
    return float(parts[1]) * _UNITS[parts[2]]
