"""Train the default detector on real and drawn pictures, write the ONNX files.

    python -m models.train --pack PACK --proposals PROPOSALS.npz --masks MASKS --minutes 150 --out DIR

Run from the repository's root with `pip install -e .[train]`. DIR keeps the drawn pictures, the checkpoint,
the learning curve and the networks with their weights in full, of which models.train.publish makes those that
are shipped. The same command goes on where a stopped one left off. An NVIDIA GPU is used where there is one;
give it `--workers` to keep it fed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from models.train import scenes
from models.train.cutouts import cut_out
from models.train.export import SIZES, export
from models.train.loop import plot, train
from models.train.mixture import Pictures, real_samples
from models.train.pack import Pack


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m models.train", description="Train the default detector.")
    parser.add_argument("--pack", type=Path, required=True, help="folder of the packed pictures")
    parser.add_argument("--proposals", type=Path, help="what models.train.propose wrote for the pack")
    parser.add_argument("--masks", type=Path, help="folder that models.train.masks wrote for the pack")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint and learning curve")
    parser.add_argument(
        "--minutes", type=float, default=150.0, help="training time, resumed parts included (default 150)"
    )
    parser.add_argument("--scenes", type=int, default=120, help="scenes to draw, 24 pictures each (120)")
    parser.add_argument("--workers", type=int, default=1, help="processes that prepare pictures (default 1)")
    args = parser.parse_args()
    scenes.draw(args.scenes, args.out / "scenes")
    pack = Pack(args.pack)
    real, often = real_samples(pack, args.proposals)
    cutouts = cut_out(pack, args.masks) if args.masks else []
    pictures = Pictures(real, often, scenes.load(args.scenes, args.out / "scenes"), cutouts)
    counts = f"{len(real)} real and {len(pictures.drawn)} drawn pictures, {len(cutouts)} objects cut out"
    print(counts, flush=True)
    trainer = train(args.out, args.minutes, pictures, args.workers)
    plot(trainer.progress, args.out / "curve.png")
    for name, (width, height) in SIZES.items():
        export(trainer.average, args.out / f"{name}.onnx", width, height)


if __name__ == "__main__":
    main()
