"""One network in each engine and precision that this machine has, in turns.

    python -m tests.bench.engines MODEL.onnx [--int8 MODEL_int8.onnx] [--rounds 8] [--seconds 1]

Frames/s on an input that is ready, CPU time of this process per run, and the median over the rounds of the
ratio to the first row of the same round. `a caller per core` is how the service runs cameras (`mode:
throughput`), `one caller` how it runs a single live one (`mode: latency`). Frames/s say little while
others use the machine.
"""

import argparse
import statistics
from typing import NamedTuple

from edgevision.bench.ways import Timed, of_input, turn
from edgevision.cores import usable_cores
from edgevision.errors import ModelError
from edgevision.evaluate.networks import load
from edgevision.inference.detector import Detector
from edgevision.inference.settings import EngineName, Precision

COCO = "coco"  # class names where a file has none; they change no time


class Row(NamedTuple):
    about: str
    network: Detector
    callers: int


def rows(model: str, int8: str | None) -> list[Row]:
    cores = usable_cores().number
    wanted: list[tuple[str, EngineName, Precision]] = [
        (model, "onnxruntime", "as_is"),
        (model, "openvino", "fp32"),
        (model, "openvino", "bf16"),
    ]
    if int8:
        wanted += [(int8, "onnxruntime", "as_is"), (int8, "openvino", "as_is")]
    found = []
    for file, engine, precision in wanted:
        for workers, about in ((cores, "a caller per core"), (0, "one caller")):
            try:
                network = load(file, COCO, "cpu", engine=engine, precision=precision, workers=workers)
            except ModelError as error:
                print(f"left out: {error}")
                continue
            assert isinstance(network, Detector)
            found.append(Row(f"{engine} {network.precision}, {about}", network, workers or 1))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--int8")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=1.0)
    options = parser.parse_args()
    ways = rows(options.model, options.int8)
    works = [[of_input(way.network)] * way.callers for way in ways]
    for work in works:
        work[0]()
    turns: list[list[Timed]] = []
    for number in range(options.rounds):
        order = list(range(len(ways)))
        taken = {n: turn(works[n], options.seconds) for n in (reversed(order) if number % 2 else order)}
        turns.append([taken[n] for n in order])
    print(f"{'':38} {'frames/s':>9} {'CPU ms':>8} {'x frames/s':>11} {'x CPU':>7}")
    for n, way in enumerate(ways):
        fps = statistics.median(each[n].fps for each in turns)
        cpu = statistics.median(each[n].cpu_ms for each in turns)
        faster = statistics.median(each[n].fps / each[0].fps for each in turns)
        cheaper = statistics.median(each[0].cpu_ms / each[n].cpu_ms for each in turns)
        print(f"{way.about:38} {fps:9.1f} {cpu:8.2f} {faster:11.2f} {cheaper:7.2f}")


if __name__ == "__main__":
    main()
