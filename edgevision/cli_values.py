"""What options of the command line take."""

import argparse

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


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, got {text}")
    return value


def sha256(text: str) -> str:
    if len(text) != 64 or set(text.lower()) - set("0123456789abcdef"):
        raise argparse.ArgumentTypeError(f"expected 64 hexadecimal digits, got {text}")
    return text.lower()


def share(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"expected a number above 0 and up to 1, got {text}")
    return value


def seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 3600:
        raise argparse.ArgumentTypeError(f"expected seconds, 0 to 3600, got {text}")
    return value


def device(text: str) -> str:
    from edgevision.inference.devices import read_device

    try:
        read_device(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text
