"""The options of `eval` and `label`: what is measured, and the truth to measure it by."""

import argparse
from pathlib import Path

from edgevision.cli_values import add_engine, device, positive, share

TASKS = {
    "detect": "networks that find objects, on labelled pictures",
    "segment": "networks that segment, on labelled pictures",
    "classify": "networks that classify, on labelled pictures",
}


def add_eval(command: argparse.ArgumentParser) -> None:
    tasks = command.add_subparsers(dest="task", required=True, metavar="TASK")
    for name, about in TASKS.items():
        _add_eval_networks(tasks.add_parser(name, help=about))
    _add_eval_track(tasks.add_parser("track", help="the tracker, on labelled videos"))
    _add_eval_count(tasks.add_parser("count", help="counts, on videos whose truth is known"))


def _add_eval_track(task: argparse.ArgumentParser) -> None:
    task.add_argument(
        "data", type=Path, metavar="DATA", help="a folder of MOTChallenge's sequences, or one of them"
    )
    task.add_argument("--every", type=positive, default=1, metavar="N", help="only every N-th frame (1)")
    task.add_argument("--json", action="store_true", help="print the figures as one JSON object")


def _add_eval_count(task: argparse.ArgumentParser) -> None:
    task.add_argument("config", type=Path, metavar="CONFIG", help="a configuration whose sources are files")
    task.add_argument(
        "--truth", type=Path, required=True, metavar="FILE", help="what truly happened: .yaml, .csv or .jsonl"
    )
    task.add_argument(
        "--tolerance", default="1.5s", metavar="TIME", help="how far from the truth a count may be (1.5s)"
    )
    task.add_argument(
        "--map", nargs="+", default=[], metavar="THEIRS=OURS", help="the truth's label = the network's"
    )
    task.add_argument("--max-error", type=int, metavar="N", help="exit 1 if more are over and under together")
    task.add_argument("--report", type=Path, metavar="DIR", help="also write a page with plots and pictures")
    task.add_argument("--json", action="store_true", help="print the figures as one JSON object")


def _add_eval_networks(command: argparse.ArgumentParser) -> None:
    command.add_argument("models", nargs="+", metavar="MODEL", help="an .onnx file, or builtin:NAME")
    command.add_argument(
        "--compare", nargs="*", default=[], metavar="MODEL", help="further models, in the same run"
    )
    command.add_argument(
        "--data", type=Path, required=True, metavar="PATH",
        help="COCO JSON, VOC folder, YOLO folder or data.yaml, label PNGs, a folder for each class",
    )  # fmt: skip
    command.add_argument("--images", type=Path, metavar="DIR", help="its pictures, if not in a usual place")
    command.add_argument("--labels", help="class names of models that do not name them: coco, or a file")
    command.add_argument(
        "--map", nargs="+", default=[], metavar="THEIRS=OURS", help="the data's class name = the model's"
    )
    command.add_argument(
        "--confidence", type=share, default=0.35, help="for precision, recall, F1 and masks (0.35)"
    )
    command.add_argument("--device", type=device, default="auto", help="where to run them (auto)")
    add_engine(command)
    command.add_argument("--limit", type=positive, metavar="N", help="only N pictures, spread evenly")
    command.add_argument("--report", type=Path, metavar="FILE.html", help="also write a page with pictures")
    command.add_argument("--json", action="store_true", help="print the figures as one JSON object")


def add_label(command: argparse.ArgumentParser) -> None:
    tasks = command.add_subparsers(dest="task", required=True, metavar="TASK")
    task = tasks.add_parser("count", help="click crossings and states of spots, for `eval count`")
    task.add_argument("video", type=Path, metavar="VIDEO", help="a video file")
    task.add_argument(
        "--config", type=Path, metavar="CONFIG", help="whose lines, zones and spots to show; else draw a line"
    )
    task.add_argument("--camera", metavar="NAME", help="which of its cameras, if none has this video")
    task.add_argument(
        "--truth", type=Path, metavar="FILE.yaml", help="where to write it (VIDEO.truth.yaml, here)"
    )
    task.add_argument(
        "--check", nargs="?", const="", metavar="EVENTS.jsonl",
        help="go through what we count: by these events, or by a run of CONFIG now",
    )  # fmt: skip
    task.add_argument(
        "--listen",
        default="127.0.0.1:0",
        metavar="ADDRESS",
        help="this machine only (127.0.0.1:0, a free port)",
    )
