"""edgevision models pull NAME: fetches a network of the catalogue, or of an address, and writes its card."""

import datetime
from argparse import Namespace
from collections.abc import Callable
from functools import partial as bound
from pathlib import Path
from typing import NamedTuple

import yaml
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from edgevision.builtin import PULLED, pulled_folder
from edgevision.catalogue import load_catalogue
from edgevision.document import read
from edgevision.errors import ConfigError, ModelError, OutputError
from edgevision.explain import did_you_mean, validate
from edgevision.inference.session import check_loads, check_start
from edgevision.inference.settings import Card
from edgevision.partial import Partial, digest, partial

try:
    from edgevision.download import Wanted, download, parse, shown
except ModuleNotFoundError:
    raise ModelError("pulling networks needs httpx: pip install 'edgevision[pull]'") from None

MOST_BYTES = 2**31  # an ONNX file is one protobuf message, which cannot be larger


class Plan(NamedTuple):
    """What is to be pulled."""

    name: str
    url: str
    sha256: str | None  # as the catalogue or the user pins it
    most: int  # bytes
    card: Card  # without the sum


def run(options: Namespace) -> int:
    plan = _from_address(options) if "://" in options.network else _from_catalogue(options)
    folder: Path = options.to or pulled_folder()
    target = folder / f"{plan.name}.onnx"
    recorded = _recorded(target)
    if target.exists():
        print(_already(target, plan.sha256 or recorded))
        if plan.sha256 and not recorded:  # it came another way, without its card
            _write(target.with_suffix(".yaml"), card_text(plan, plan.sha256))
        return 0
    with partial(folder / f"{plan.name}.onnx.part") as part:
        _fetch(plan, part)
        part.flush()
        sha256 = digest(part.path)
        _check(plan, sha256, recorded, target)
        if not plan.sha256:
            _check_loads(plan, part.path)
        # The card first: a network without one would be read by guess.
        if recorded != sha256:
            _write(target.with_suffix(".yaml"), card_text(plan, sha256))
        part.keep(target)
    how = "as it should be" if plan.sha256 or recorded else "recorded in its card from now on"
    print(f"{target} is here: {target.stat().st_size} bytes, {plan.card.licence}, sha256 {sha256} {how}")
    address = str(target) if options.to else PULLED + plan.name
    print(f"Use it as `path: {address}` or with --model {address}")
    return 0


def _from_catalogue(options: Namespace) -> Plan:
    if options.licence or options.name or options.sha256:
        raise ConfigError(
            "--licence, --name and --sha256 go with an address; the catalogue says them for its own"
        )
    catalogue = load_catalogue()
    name = options.network
    if name not in catalogue:
        raise ModelError(
            f"there is no network {name!r} in the catalogue{did_you_mean(name, catalogue)}; "
            "`edgevision models list` shows what there is, and an address https://... is taken as well"
        )
    entry = catalogue[name]
    card = entry.card.model_copy(
        update={
            "task": entry.task,
            "name": name,
            "description": entry.purpose,
            "licence": entry.licence,
        }
    )
    return Plan(name, entry.url, entry.sha256, 2 * entry.bytes, card)


def _from_address(options: Namespace) -> Plan:
    address = parse(options.network)
    if not options.licence:
        raise ConfigError(
            "say under which licence the network is, as its page states it: --licence Apache-2.0"
        )
    name = options.name or Path(address.path).stem
    if not name or Path(name).name != name or name.startswith("."):
        raise ConfigError(f"{name!r} cannot be the name of a file; say another with --name")
    return Plan(name, options.network, options.sha256, MOST_BYTES, Card(name=name, licence=options.licence))


def _recorded(target: Path) -> str:
    """The sum that the card of an earlier pull holds; nothing without one. Another card is an error."""
    path = target.with_suffix(".yaml")
    if not path.is_file():
        return ""
    sha256 = validate(Card, read(path)).sha256
    if not sha256:
        raise ModelError(
            f"{path} is there, but not from an earlier pull: move it away, or name another folder with --to"
        )
    return sha256


def _already(target: Path, known: str) -> str:
    """Raises ModelError unless it is the very file."""
    if not known:
        raise ModelError(
            f"{target} is there, and nothing says what it should be: move it away, or name another folder "
            "with --to"
        )
    if digest(target) != known:
        raise ModelError(
            f"{target} is there, but is not the file it should be (sha256): delete it, and pull again"
        )
    return f"{target} is here already, and is the file it should be"


def _fetch(plan: Plan, part: Partial) -> None:
    console = Console(stderr=True)
    columns = (
        "{task.description}",
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    look: Callable[[bytes], None] = bound(check_start, name=shown(plan.url))
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        download(Wanted(plan.url, plan.most, look), part, _Bar(progress, plan.name))


class _Bar:
    """Shows on stderr how a download goes."""

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._task = progress.add_task(name, total=None)

    def moved(self, done: int, total: int | None) -> None:
        self._progress.update(self._task, completed=done, total=total)

    def waiting(self, reason: str, seconds: float) -> None:
        self._progress.console.print(
            f"note: {reason}; trying again in {seconds:g} s", markup=False, highlight=False
        )


def _check(plan: Plan, sha256: str, recorded: str, target: Path) -> None:
    """Raises ModelError if another file came than was pinned, or recorded at the first pull."""
    if plan.sha256 and sha256 != plan.sha256:
        raise ModelError(
            f"{shown(plan.url)} is not the file it should be, and was not kept: its sha256 is {sha256}, "
            f"expected {plan.sha256}"
        )
    if not plan.sha256 and recorded and sha256 != recorded:
        raise ModelError(
            f"{shown(plan.url)} is another file than at the first pull, and was not kept: its sha256 is "
            f"{sha256}, recorded is {recorded}; if that is right, delete {target.with_suffix('.yaml')} first"
        )


def _check_loads(plan: Plan, path: Path) -> None:
    try:
        check_loads(path)
    except ModelError as error:
        raise ModelError(f"{shown(plan.url)} was not kept: {error}") from None


def card_text(plan: Plan, sha256: str) -> str:
    """The card, as it is written beside the network."""
    card = plan.card.model_copy(update={"sha256": sha256})
    data = card.model_dump(mode="json", exclude_defaults=True)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)
    return f"# Card of {plan.name}.onnx, pulled from {shown(plan.url)} on {today}.\n\n{text}"


def _write(path: Path, text: str) -> None:
    new = path.with_name(path.name + ".new")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
