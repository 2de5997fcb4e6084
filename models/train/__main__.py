"""Draw scenes, train the detector on them, write the ONNX file.

    python -m models.train --minutes 60 --out DIR [--onnx models/default.onnx]

Run from the repository's root with `pip install -e .[train]`. DIR keeps the pictures, the checkpoint and the
learning curve; the same command goes on where a stopped one left off. An NVIDIA GPU is used where there is
one; give it `--workers` to keep it fed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from models.train.data import FIRST_SEED, render
from models.train.export import export
from models.train.loop import plot, train


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m models.train", description="Train the default detector on drawn scenes."
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for pictures, checkpoint and learning curve"
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=60.0,
        help="training time in all, resumed parts included (default 60)",
    )
    parser.add_argument(
        "--scenes", type=int, default=360, help="scenes to draw, 24 pictures each (default 360)"
    )
    parser.add_argument("--workers", type=int, default=1, help="processes that prepare pictures (default 1)")
    parser.add_argument("--threads", type=int, default=0, help="threads of PyTorch (default: its own choice)")
    parser.add_argument("--onnx", type=Path, help="where to write the network (default: OUT/default.onnx)")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    render(list(range(FIRST_SEED, FIRST_SEED + args.scenes)), args.out / "pictures")
    trainer = train(args.out, args.minutes, args.scenes, args.workers)
    plot(trainer.progress, args.out / "curve.png")
    export(trainer.average, args.onnx or args.out / "default.onnx")


if __name__ == "__main__":
    main()
