"""The command line. Only the command that is called is imported, so that --help answers at once."""

import argparse
import errno
import faulthandler
import gc
import importlib
import os
import sys
import threading
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from edgevision import __version__
from edgevision.cli_bench import add_bench
from edgevision.cli_eval import add_eval, add_label
from edgevision.cli_help import add_completion, add_doctor
from edgevision.cli_init import add_init
from edgevision.cli_optimize import add_judging, add_optimize
from edgevision.cli_report import add_export, add_report
from edgevision.cli_token import add_token
from edgevision.cli_values import add_engine, device, positive, seconds, sha256, share
from edgevision.errors import EdgevisionError
from edgevision.heap import use_one_arena
from edgevision.redact import redact

# Of a path that an option names, or of what we are to write: mistakes of the user's, or of the machine.
UNUSABLE = (errno.EACCES, errno.ENAMETOOLONG, errno.ENOSPC)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the process's exit status: 0 ok, 1 failure, 2 bad configuration or usage."""
    options = _parser().parse_args(arguments)
    # The threads of numpy's BLAS spin while they wait, 0.15 s of CPU until the first picture alone, and no
    # matrix here is large enough for them. Read at numpy's import.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    use_one_arena()
    try:
        command = _imported(f"edgevision.commands.{options.command}")
        status: int = command.run(options)
        sys.stdout.flush()  # what cannot be written is to be told as well
    except EdgevisionError as error:
        for line in str(error).splitlines():
            print(f"edgevision: {redact(line)}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output has gone, as `| head` does: nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.errno not in UNUSABLE:
            raise
        what = redact(str(error.filename or "the standard output"))
        print(f"edgevision: cannot use {what}: {error.strerror}", file=sys.stderr)
        return 1
    return status


def _imported(name: str) -> ModuleType:
    """A module, imported without looking for garbage meanwhile: what modules make stays, and to look through
    all of it again and again is a tenth of the time. It is not looked through later, either."""
    gc.disable()
    try:
        return importlib.import_module(name)
    finally:
        gc.freeze()
        gc.enable()


def entry_point() -> None:
    sys.excepthook = _last_words
    threading.excepthook = lambda last: _last_words(*last[:3])
    faulthandler.enable()  # the watchdog ends a process that hangs with SIGABRT: this says where it hung
    status = main()
    if threading.active_count() > 1:
        # A thread hangs in a driver, and was left behind: Python's own way out could crash in it.
        sys.stdout.flush()
        os._exit(status)
    sys.exit(status)


def _last_words(*last: Any) -> None:
    """A defect of ours, with its traceback, but without secrets. last: type, value, traceback."""
    print(redact("".join(traceback.format_exception(*last))), file=sys.stderr)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        super().error(redact(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="edgevision", description="Counts you can trust, from cameras you already own.")
    parser.add_argument("--version", action="version", version=f"edgevision {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="run a configuration until it is stopped or its files end"))
    _add_demo(commands.add_parser("demo", help="count in a drawn car park whose truth is known"))
    _add_detect(commands.add_parser("detect", help="what a network sees in pictures or a video"))
    add_eval(commands.add_parser("eval", help="measure networks, the tracker or counts on labelled data"))
    add_label(commands.add_parser("label", help="say what truly happens in a video, on a page"))
    _add_models(commands.add_parser("models", help="look at networks, fetch them, make them smaller"))
    _add_check(commands.add_parser("check", help="check a configuration and say what it would do"))
    add_bench(commands.add_parser("bench", help="how fast this machine is, and how many cameras it carries"))
    _add_counts(commands.add_parser("counts", help="what was counted, by hour and by day; begin again at 0"))
    add_export(commands.add_parser("export", help="events, sums and states as CSV, Parquet or JSON lines"))
    add_report(commands.add_parser("report", help="a page of a day: what was counted, and what was not seen"))
    add_init(commands.add_parser("init", help="write a configuration to begin with; find parking spots"))
    add_doctor(commands.add_parser("doctor", help="what this machine has and lacks, and what to do about it"))
    add_token(
        commands.add_parser("token", help="draw a token for the page and the API, to look or to change")
    )
    add_completion(commands.add_parser("completion", help="make the shell complete commands"), parser)
    return parser


def _add_run(command: argparse.ArgumentParser) -> None:
    command.add_argument("config", type=Path, metavar="CONFIG", help="a YAML file; see configs/")
    command.add_argument("--json", action="store_true", help="print the final counts as one JSON object")
    command.add_argument("--open", action="store_true", help="open the page in a browser, to draw on")


def _add_demo(command: argparse.ArgumentParser) -> None:
    command.add_argument("--seed", type=positive, default=1, help="which car park to draw (1)")
    command.add_argument("--seconds", type=positive, default=60, help="how long a scene (60)")
    command.add_argument("--output", type=Path, default=Path("edgevision-demo"), help="folder to write to")
    command.add_argument(
        "--serve", action="store_true", help="go on in real time, with /metrics, until stopped"
    )
    command.add_argument("--json", action="store_true", help="print the result as one JSON object")


def _add_detect(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "source", metavar="SOURCE", help="a picture, a folder of pictures, a video, rtsp://..."
    )
    command.add_argument(
        "--model",
        default="builtin:default",
        help="an .onnx file, builtin:NAME or pulled:NAME (builtin:default)",
    )
    command.add_argument(
        "--labels", help="class names of the model: coco, voc, or a file with one name per line"
    )
    command.add_argument("--classes", nargs="+", default=[], metavar="CLASS", help="show only these")
    command.add_argument("--confidence", type=share, default=0.35, help="least score, 0..1 (0.35)")
    command.add_argument("--device", type=device, default="auto", help="where to run it (auto)")
    add_engine(command)
    command.add_argument(
        "--tiles", metavar="CxR", help="look at parts of each picture for small objects: 3x2, or auto"
    )
    command.add_argument("--frames", type=positive, help="stop after so many pictures")
    command.add_argument(
        "--save", type=Path, metavar="FOLDER", help="write annotated pictures or video there"
    )
    command.add_argument("--json", action="store_true", help="print everything found as one JSON object")


def _add_quantize(command: argparse.ArgumentParser) -> None:
    command.add_argument("model", metavar="MODEL", help="an .onnx file that computes in float32")
    command.add_argument(
        "--data", required=True, metavar="SOURCE", help="a video, or a folder of pictures, as it will see"
    )
    command.add_argument("--out", type=Path, metavar="FILE", help="where to write it (MODEL_int8.onnx, here)")
    add_judging(command, most_loss=0.02)


def _add_models(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_inspect(actions.add_parser("inspect", help="say how a network is read, and print its card"))
    _add_quantize(actions.add_parser("quantize", help="make an 8-bit network, if it stays good"))
    add_optimize(actions.add_parser("optimize", help="find the fastest good way to run a network here"))
    _add_list(actions.add_parser("list", help="networks that are here, and that can be pulled"))
    _add_pull(actions.add_parser("pull", help="fetch a network, with its card"))


def _add_inspect(action: argparse.ArgumentParser) -> None:
    action.add_argument("file", metavar="FILE", help="an .onnx file, builtin:NAME or pulled:NAME")
    action.add_argument("--labels", help="class names: coco, voc, or a file with one name per line")
    action.add_argument("--device", type=device, default="auto", help="where to run it (auto)")
    add_engine(action)
    action.add_argument("--image", type=Path, help="the picture to look at (a drawn car park)")
    action.add_argument("--save", type=Path, metavar="DIR", help="write the picture with what it saw there")
    action.add_argument("--write-card", action="store_true", help="write the card beside the file")
    action.add_argument("--json", action="store_true", help="print everything as one JSON object")


def _add_check(command: argparse.ArgumentParser) -> None:
    command.add_argument("config", type=Path, nargs="?", metavar="CONFIG", help="a YAML file; see configs/")
    command.add_argument("--probe", action="store_true", help="also ask every camera, and watch what moves")
    command.add_argument(
        "--watch", type=seconds, default=10.0, metavar="SECONDS",
        help="with --probe: how long; 0 takes one picture only (10)",
    )  # fmt: skip
    command.add_argument("--schema", action="store_true", help="print the JSON Schema for editors instead")
    command.add_argument("--json", action="store_true", help="print the result as one JSON object")


def _add_counts(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "journal", type=Path, metavar="FILE", help="a database of `type: sqlite`, or a configuration with one"
    )
    command.add_argument("--by", choices=("all", "day", "hour"), default="all", help="a sum for each (all)")
    command.add_argument("--since", metavar="TIME", help="2026-11-21 or 2026-11-21T08:00")
    command.add_argument("--until", metavar="TIME", help="before that time")
    command.add_argument("--zone", metavar="NAME", help="whose days and hours: Europe/Paris (this machine's)")
    command.add_argument("--camera", metavar="NAME", help="only that one")
    command.add_argument(
        "--reset", metavar="CAMERA[:NAME]", help="begin at 0 again, while the service is stopped; sums stay"
    )
    command.add_argument("--why", default="by hand", metavar="TEXT", help="kept in the event of the reset")
    command.add_argument("--json", action="store_true", help="print it as one JSON object")


def _add_list(action: argparse.ArgumentParser) -> None:
    action.add_argument("--json", action="store_true", help="print them as one JSON object")


def _add_pull(action: argparse.ArgumentParser) -> None:
    action.add_argument(
        "network", metavar="NETWORK", help="a name that `models list` shows, or an address https://..."
    )
    action.add_argument(
        "--to", type=Path, metavar="DIR", help="folder to put it in, instead of the usual one"
    )
    action.add_argument("--licence", help="with an address: the licence of the network, for its card")
    action.add_argument("--name", help="with an address: what to call it (as its file)")
    action.add_argument("--sha256", type=sha256, metavar="HEX", help="with an address: refuse any other file")
