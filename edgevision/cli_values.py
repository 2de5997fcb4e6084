"""What options of the command line take."""

import argparse
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

N = TypeVar("N", int, float)
ENGINES = ("onnxruntime", "openvino")
PRECISIONS = ("as_is", "fp32", "bf16", "auto")


def add_engine(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--engine", choices=ENGINES, default="onnxruntime", help="what runs it (onnxruntime)"
    )
    command.add_argument(
        "--precision", choices=PRECISIONS, default="as_is",
        help="compute so or not at all; auto: as `models optimize` found best (as_is)",
    )  # fmt: skip


def number(kind: Callable[[str], N], allowed: Callable[[N], bool], expected: str) -> Callable[[str], N]:
    """What reads a number of an option."""

    def read(text: str) -> N:
        with suppress(ValueError):
            if allowed(value := kind(text)):
                return value
        raise argparse.ArgumentTypeError(f"expected {expected}, got {text}")

    return read


positive = number(int, lambda value: value >= 1, "a whole number above 0")
share = number(float, lambda value: 0 < value <= 1, "a number above 0 and up to 1")
seconds = number(float, lambda value: 0 <= value <= 3600, "seconds, 0 to 3600")


def sha256(text: str) -> str:
    if len(text) != 64 or set(text.lower()) - set("0123456789abcdef"):
        raise argparse.ArgumentTypeError(f"expected 64 hexadecimal digits, got {text}")
    return text.lower()


def device(text: str) -> str:
    from edgevision.inference.devices import read_device

    try:
        read_device(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text
