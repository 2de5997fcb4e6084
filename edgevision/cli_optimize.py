"""The options of `edgevision models optimize`, and those by which any command judges what it made."""

import argparse
from pathlib import Path

from edgevision.cli_values import positive, share


def add_optimize(action: argparse.ArgumentParser) -> None:
    action.add_argument("model", metavar="MODEL", help="an .onnx file, builtin:NAME or pulled:NAME")
    action.add_argument(
        "--data",
        metavar="SOURCE",
        help="a video, or a folder of pictures, as it will see: compared with itself",
    )
    add_judging(action, most_loss=0.01)
    action.add_argument("--json", action="store_true", help="print everything as one JSON object")


def add_judging(action: argparse.ArgumentParser, most_loss: float) -> None:
    """What a network that was made quicker is judged by."""
    action.add_argument(
        "--labels", type=Path, metavar="PATH", help="labelled pictures to judge by, as of `eval detect`"
    )
    action.add_argument("--images", type=Path, metavar="DIR", help="their pictures, if not in a usual place")
    action.add_argument("--limit", type=positive, metavar="N", help="only N of them, spread evenly")
    action.add_argument("--names", help="class names, if the model does not name them: coco, or a file")
    action.add_argument(
        "--max-loss", type=share, default=most_loss, help=f"refuse to lose more of its accuracy ({most_loss})"
    )
    action.add_argument("--confidence", type=share, default=0.35, help="what the model is used with (0.35)")
