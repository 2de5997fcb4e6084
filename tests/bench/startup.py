"""How long `edgevision run` takes to its first event, beside a plain script that only opens the same network.

    PYTHONPATH=. python tests/bench/startup.py --model yolox_nano_416.onnx --labels coco --source clip.mp4

Both are processes of their own and take turns. The plain one imports onnxruntime and cv2, opens the network
and the recording, and runs one blank picture: less than that nobody needs. Ours is the program as it is, with
a line over the middle, JSON lines on the standard output and the HTTP server; marks are set where its own
methods return, by a hook that wraps them when Python imports their modules. CPU seconds are of all threads.
The first round is not counted: in it Python compiles the modules, which pip does when it installs them.
Memory is the most that was resident (VmHWM) until the mark.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

# wall s since the parent started it, CPU s and the most MB resident, at a mark
TELL = """
import os, sys, time
def tell(mark, began=float(sys.argv[1])):
    status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
    most = int(status["VmHWM"].split()[0]) / 1024
    line = f"mark {mark} {time.time() - began} {time.process_time()} {most}\\n"
    os.write(2, line.encode())  # at once, so that no line of the log comes between
"""
PLAIN = """
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import cv2, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 4
session = onnxruntime.InferenceSession(sys.argv[2], options, providers=["CPUExecutionProvider"])
tell("loaded")
capture = cv2.VideoCapture(sys.argv[3])
capture.read()
given = session.get_inputs()[0]
kinds = {"tensor(float16)": numpy.float16, "tensor(uint8)": numpy.uint8}
session.run(None, {given.name: numpy.zeros(given.shape, kinds.get(given.type, numpy.float32))})
tell("inferred")
"""
OURS = """
import importlib.abc, importlib.machinery
WATCHED = {
    "edgevision.networks": ("loaded", "Networks", "__init__"),
    "edgevision.inference.detector": ("inferred", "Detector", "decode"),
    "edgevision.outputs.jsonl": ("event", "StandardOutput", "write"),
}
class Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name not in WATCHED:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        execute = spec.loader.exec_module
        spec.loader.exec_module = lambda module: (execute(module), wrap(module, *WATCHED[name]))
        return spec
def wrap(module, mark, kind, method):
    owner = getattr(module, kind)
    plain = getattr(owner, method)
    def call(*given, **named):
        answer = plain(*given, **named)
        setattr(owner, method, plain)
        tell(mark)
        return answer
    setattr(owner, method, call)
sys.meta_path.insert(0, Watch())
from edgevision.cli import main
main(["run", sys.argv[2]])
"""


class Mark(NamedTuple):
    wall: float  # s since the process was started
    cpu: float  # s
    memory: float  # MB


def started(script: str, *arguments: str, last: str, compiled: Path) -> dict[str, Mark]:
    """Run a script until its last mark, and end it. compiled: folder of compiled modules."""
    environ = {**os.environ, "PYTHONPYCACHEPREFIX": str(compiled), "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", TELL + script, str(time.time()), *arguments]
    marks: dict[str, Mark] = {}
    said = ""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environ, cwd=compiled
    ) as process:
        assert process.stderr
        for line in process.stderr:
            said += line
            if line.startswith("mark "):
                _, name, *figures = line.split()
                marks.setdefault(name, Mark(*map(float, figures)))  # two workers may be first
                if name == last:
                    process.terminate()
    if last not in marks:
        raise SystemExit(f"it ended before `{last}`:\n{said}")
    return marks


def configuration(options: argparse.Namespace) -> str:
    labels = f", labels: {options.labels}" if options.labels else ""
    return (
        f"models: {{net: {{path: {options.model}{labels}}}}}\n"
        f"cameras: {{gate: {{source: {options.source}, lines: {{gate: {{from: [0, {options.line}], "
        f"to: [1, {options.line}]}}}}}}}}\n"
        "outputs: [{type: jsonl, path: '-'}]\nhttp: {listen: '127.0.0.1:0'}\n"
    )


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Seconds and memory until the first event.")
    parser.add_argument("--model", default="builtin:default")
    parser.add_argument("--labels")
    parser.add_argument("--source", required=True, type=lambda text: Path(text).resolve())
    parser.add_argument("--line", type=float, default=0.55, help="height of the line, 0..1 (0.55)")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if not options.model.startswith("builtin:"):
        options.model = Path(options.model).resolve()
    return options


def main() -> None:
    from edgevision.builtin import network_path

    options = parsed()
    network = str(network_path(str(options.model), Path()))
    rounds: dict[str, list[dict[str, Mark]]] = {"plain": [], "edgevision": []}
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "startup.yaml"
        config.write_text(configuration(options))
        compiled = Path(folder)
        for number in range(-1, options.rounds):
            plain = started(PLAIN, network, str(options.source), last="inferred", compiled=compiled)
            ours = started(OURS, str(config), last="event", compiled=compiled)
            if number >= 0:
                rounds["plain"].append(plain)
                rounds["edgevision"].append(ours)
    print(f"{Path(network).name}, medians of {options.rounds}: wall s, CPU s, MB")
    for name, each in rounds.items():
        for mark in each[0]:
            middle = [
                statistics.median(column) for column in zip(*(marks[mark] for marks in each), strict=True)
            ]
            print(f"{name:<11}{mark:<9}{middle[0]:7.2f}{middle[1]:7.2f}{middle[2]:6.0f}")
    ratios = [
        (ours["inferred"].wall / plain["inferred"].wall, ours["inferred"].cpu / plain["inferred"].cpu)
        for plain, ours in zip(rounds["plain"], rounds["edgevision"], strict=True)
    ]
    wall, cpu = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(f"first picture through the network: {wall:.2f} times the plain one's wall time, {cpu:.2f} its CPU")


if __name__ == "__main__":
    main()
