"""Several pictures through a network in one run: how many are asked for, and whether it can.

A first dimension that a file leaves open promises it, but exports break the promise: a fixed 1 inside, rows
of all pictures in one heap, 8 bits whose scale is found from all pictures of a run. So it is tried.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np

from edgevision.errors import ModelError
from edgevision.inference.devices import CPUS
from edgevision.inference.preprocess import InputSpec

USUAL = 8  # pictures at once on a GPU, where nobody says; not measured, see docs/performance.md
# What may differ between a picture alone and beside others, as a share of an output's largest value: other
# sizes are computed in another order, and float16 has steps of 0.001. Ties in a list of the best may swap.
SLACK = 0.005
ODD = 0.01  # of the values


class Several(Protocol):
    """What is tried of a network."""

    @property
    def input(self) -> InputSpec: ...

    @property
    def provider(self) -> str: ...

    def infer(self, tensor: np.ndarray) -> list[np.ndarray]: ...


def wanted_batch(asked: int | str, provider: str, views: int) -> int:
    """How many pictures to run at once. views: that all cameras of the network make at one moment.

    On a CPU nothing is gained: four together took 1.03 (built-in) and 1.06 (YOLOv8n) times the CPU of four
    alone, on one core.
    """
    if isinstance(asked, int):
        return asked
    return 1 if provider in CPUS else min(USUAL, max(1, views))


def try_batch(network: Several, most: int) -> str | None:
    """Why a network cannot take up to `most` pictures at once, in words; None where it can.

    On a GPU every number of pictures is tried, as each is prepared for when it first comes, which takes long;
    the largest first, so that TensorRT makes its engine for all of them at once.
    """
    if not network.input.several:
        return "its file takes one picture at a time: export it with an open (dynamic) batch"
    pictures = np.concatenate([*_pictures(network.input)] * -(-most // 2))
    alone = [network.infer(pictures[row : row + 1]) for row in range(2)]
    counts = [most] if network.provider in CPUS else [most, *range(2, most)]
    for count in counts:
        try:
            together = network.infer(pictures[:count])
        except ModelError as error:
            return f"its file promises any number, and does not run with {count}: {error}"
        if fault := _fault(alone, together, count):
            return fault
    return None


def repeated(values: Mapping[str, np.ndarray], tensor: np.ndarray) -> Mapping[str, np.ndarray]:
    """What goes with one picture (1, ...), for each of the pictures of a tensor."""
    if tensor.ndim != 4 or len(tensor) == 1:
        return values
    return {name: np.repeat(value, len(tensor), axis=0) for name, value in values.items()}


def _pictures(spec: InputSpec) -> Iterator[np.ndarray]:
    """Noise, and a slope: whatever mixes pictures shows with such different ones."""
    count = int(np.prod(spec.shape))
    for values in (np.random.default_rng(0).integers(0, 256, count), np.linspace(0, 255, count)):
        scaled = values if spec.dtype == "uint8" else (values - 116.0) / 58.0
        yield np.asarray(scaled).astype(spec.dtype).reshape(spec.shape)


def _fault(alone: Sequence[list[np.ndarray]], together: list[np.ndarray], count: int) -> str | None:
    """alone: what each of two pictures gave. together: what both in turn gave, `count` of them."""
    for number, output in enumerate(together):
        one = alone[0][number].shape
        if one[:1] != (1,) or output.shape != (count, *one[1:]):
            return (
                f"its output {number + 1} has the shape {output.shape} for {count} pictures and {one} for "
                "one: what is whose cannot be told"
            )
        for row in range(count):
            if not _alike(output[row : row + 1], alone[row % 2][number]):
                return f"a picture gives something else beside others than alone (output {number + 1})"
    return None


def _alike(found: np.ndarray, expected: np.ndarray) -> bool:
    if found.shape != expected.shape:
        return False
    found, expected = found.astype(np.float64), expected.astype(np.float64)
    largest = float(np.nanmax(np.abs(expected), initial=0.0))
    near = np.isclose(found, expected, rtol=0, atol=SLACK * largest, equal_nan=True)
    return bool((~near).sum() <= ODD * near.size)
