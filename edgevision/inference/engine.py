"""What runs a network: what all engines have in common, and the one that a configuration asks for."""

from pathlib import Path
from typing import Protocol

import numpy as np

from edgevision.errors import ModelError
from edgevision.inference.session import Session, Tensor
from edgevision.inference.settings import ModelSettings


class Engine(Protocol):
    """A loaded network. `run` may be called from several threads at once."""

    provider: str  # what really runs it, and on what
    precision: str  # what it really computes in: fp32, fp16, bf16 or int8
    inputs: list[Tensor]
    outputs: list[Tensor]
    metadata: dict[str, str]
    own_mean: float | None  # 255 or 1 if it subtracts ImageNet's mean itself, from pixels of 0..255 or 0..1
    picture: Tensor  # the one of its inputs that is a picture

    def accompany(self, values: dict[str, np.ndarray]) -> None:
        """What the inputs beside the picture are given, with every picture."""

    def run(self, tensor: np.ndarray) -> list[np.ndarray]:
        """All outputs for one picture's tensor, which the caller may keep. Raises ModelError."""


def start(path: Path, settings: ModelSettings, threads: int, callers: int) -> Engine:
    """The file in the engine that settings name, whose `precision` is not `auto` any more.

    threads: cores that one run may use. callers: how many threads will run it at once. Raises ModelError.
    """
    if settings.engine == "openvino":
        from edgevision.inference.session_openvino import OpenvinoSession

        return OpenvinoSession(path, settings.precision, threads, callers)
    session = Session(path, settings.device, threads, settings.cuda_graph)
    if settings.precision == "fp32" and session.precision != "fp32":
        raise ModelError(
            f"{path} would run in {session.precision}, and `precision: fp32` was asked for: leave that out, "
            "or take the float32 file"
        )
    return session
