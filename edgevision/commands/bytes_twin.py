"""A twin of a network that takes a picture's bytes, beside it, if it really says the same."""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from edgevision.core.types import Image
from edgevision.document import read
from edgevision.errors import ModelError, OutputError
from edgevision.evaluate.networks import load
from edgevision.inference.detector import Detector
from edgevision.inference.fold import take_bytes

TWIN = "_u8.onnx"
# How far apart two outputs may be: of what is large a share of it, of scores so much. Rounding makes 1e-5.
CLOSE = 1e-3


def make_twin(full: Detector, pictures: list[Image]) -> Path:
    """Write it and its card, or raise ModelError with why not; OutputError if it cannot be written.

    full: in float32, on the CPU. pictures: to compare both on.
    """
    out = full.path.with_name(full.path.stem + TWIN)
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".optimize-") as folder:
            work = Path(folder) / out.name
            take_bytes(full.path, work, full.input)
            work.with_suffix(".yaml").write_text(_card(full, work), encoding="utf-8")
            twin = load(str(work.resolve()), None, "cpu")
            assert isinstance(twin, Detector)
            if not all(_same(full, twin, picture) for picture in pictures):
                raise ModelError("with bytes for its input it would say something else")
            for file in (work.with_suffix(".yaml"), work):
                file.replace(out.with_name(file.name))
    except OSError as error:
        raise OutputError(f"cannot write beside {full.path}: {error.strerror}") from None
    return out


def remove_twin(full: Path) -> None:
    """If there is one. Raises OSError."""
    twin = full.with_name(full.stem + TWIN)
    for file in (twin, twin.with_suffix(".yaml")):
        file.unlink(missing_ok=True)


def _same(full: Detector, twin: Detector, picture: Image) -> bool:
    one, other = (network.infer(network.preprocessor()(picture)[0]) for network in (full, twin))
    pairs = list(zip(one, other, strict=True))
    # What suppresses boxes itself gives as many rows as it finds.
    alike = all(a.shape == b.shape for a, b in pairs)
    return alike and all(np.allclose(a, b, rtol=CLOSE, atol=CLOSE) for a, b in pairs)


def _card(full: Detector, twin: Path) -> str:
    """The network's own, or how it is read, and that it is given bytes."""
    card_path = full.path.with_suffix(".yaml")
    card = dict(read(card_path).data) if card_path.is_file() else {}
    how: dict[str, Any] = {"format": full.format, "labels": full.card_labels}
    given = {
        "size": list(full.input.size),
        "color": "bgr",
        "resize": full.input.resize,
        "pad": full.input.pad,
    }
    told = {
        "name": twin.stem,
        "sha256": hashlib.sha256(twin.read_bytes()).hexdigest(),
        "description": f"{full.path.name} for bytes, made by `edgevision models optimize`",
        "input": given,
    }
    return yaml.safe_dump(how | card | told, sort_keys=False, allow_unicode=True, width=110)
