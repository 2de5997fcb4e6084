"""Makes the files that are shipped of those that a training has written.

    python -m models.train.publish DIR --pack PACK --to models

Then measure them (models.train.evaluate), and put checksums and figures into the cards.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
from pathlib import Path

from models.train.export import PIXEL_SIZES, SIZES, store_small
from models.train.quantise import quantise


def publish(trained: Path, pack: Path, to: Path) -> list[Path]:
    """Each size with weights stored small, and with 8 bits; those that segment as well, if they are there."""
    written = []
    for name in [*SIZES, *(name for name in PIXEL_SIZES if (trained / f"{name}.onnx").exists())]:
        full, small, coarse = trained / f"{name}.onnx", to / f"{name}.onnx", to / f"{name}_int8.onnx"
        shutil.copyfile(full, small)
        store_small(small)
        quantise(full, pack, coarse)
        written += [small, coarse]
    return written


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m models.train.publish")
    parser.add_argument("trained", type=Path, help="the folder that models.train wrote to")
    parser.add_argument("--pack", type=Path, required=True, help="the packed data set")
    parser.add_argument("--to", type=Path, default=Path("models"), help="folder to write to (models)")
    args = parser.parse_args()
    for path in publish(args.trained, args.pack, args.to):
        content = path.read_bytes()
        print(f"{path}: {len(content) / 1e6:.2f} MB, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
