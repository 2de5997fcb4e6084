"""Ways to run a network that `models optimize` tried on this machine: what `precision: auto` goes by.

They lie beside it in NAME.optimized.json, for this very file with its weights and its card, this CPU and
these versions of the engines, and no others.
"""

import hashlib
import logging
import tempfile
from importlib import metadata
from pathlib import Path

from pydantic import Field, ValidationError

from edgevision.errors import ModelError
from edgevision.inference.devices import nvidia_devices
from edgevision.inference.graphfile import weight_files
from edgevision.inference.processor import cpu_name
from edgevision.inference.settings import EngineName, ModelSettings, Precision
from edgevision.log import fields
from edgevision.settings import Settings

MOST = 16  # machines whose verdicts a file keeps; a network may lie on a disk that several share
GAIN = 0.95  # of the time that the file as it is takes: less than that gained is not worth another way

SHIFT = 0.02  # of the confidence that finds as much as before, from which it is said

log = logging.getLogger(__name__)


class Way(Settings):
    """A way that was tried."""

    file: str = Field(pattern="^[^/]*[^/.][^/]*$")  # the name of one beside the network, or its own
    sha256: str  # as of `sum_of`
    engine: EngineName
    precision: Precision
    folded: bool = False  # whether it is the file's twin that takes bytes
    runs: str  # what it really computes in
    cpu_ms: float  # per run, a caller per core; median
    fps: float  # meanwhile; median
    loss: float  # of accuracy, against the file as it is
    confidence: float  # for this way, instead of `Verdict.confidence`
    passed: bool


class Machine(Settings):
    """What a verdict holds for."""

    cpu: str
    onnxruntime: str
    openvino: str  # empty: not installed


class Verdict(Settings):
    """What was found on one machine."""

    machine: Machine
    judged: str  # by what, in words
    confidence: float
    max_loss: float
    ways: list[Way] = Field(min_length=1)  # the first: the file as it is

    def best(self, *, folded: bool = True) -> Way:
        """The quickest of those that lose little. By CPU time, which others on the machine disturb least.

        folded: whether one that takes bytes may be it, in which colours and division cannot be chosen.
        """
        good = [way for way in self.ways if way.passed and (folded or not way.folded)]
        quick = [way for way in good if way.cpu_ms < GAIN * self.ways[0].cpu_ms]
        return min(quick, key=lambda way: way.cpu_ms, default=self.ways[0])


class Verdicts(Settings):
    """The content of a file."""

    network: str  # `sum_of` the network that it is about
    verdicts: list[Verdict]


def verdict_path(network: Path) -> Path:
    return network.with_suffix(".optimized.json")


def this_machine() -> Machine:
    names = [name for name in ("onnxruntime-gpu", "onnxruntime") if _version(name)]
    return Machine(
        cpu=cpu_name(), onnxruntime=_version(names[0]) if names else "", openvino=_version("openvino")
    )


def keep(network: Path, verdict: Verdict) -> list[Verdict]:
    """Write it beside the network, in place of an older one of the same machine; all that are there now.

    Raises OSError.
    """
    path, digest = verdict_path(network), verdict.ways[0].sha256
    try:
        before = _read(path)
    except ModelError:
        before = None  # damaged, and about to be replaced
    others = before.verdicts if before and before.network == digest else []
    others = [each for each in others if each.machine.cpu != verdict.machine.cpu][-MOST + 1 :]
    found = Verdicts(network=digest, verdicts=[*others, verdict])
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".optimize-") as folder:
        written = Path(folder) / path.name
        written.write_text(found.model_dump_json(indent=1) + "\n")
        written.replace(path)
    return found.verdicts


def choose(path: Path, settings: ModelSettings) -> tuple[Path, ModelSettings]:
    """The file, engine and precision to take; for `precision: auto` the best that was found on this machine.

    The log says what it is, and why. Raises ModelError for a verdict that cannot be read.
    """
    if settings.precision != "auto":
        return path, settings
    plain = settings.model_copy(update={"precision": "as_is"})
    try:
        verdict = _find(path, settings)
    except LookupError as why:
        log.warning(f"precision auto: {why}; it runs as it is", extra=fields(model=path.name))
        return path, plain
    way = _best(verdict, settings)
    chosen = path.with_name(way.file)
    told = {"file": way.file, "engine": way.engine, "runs": way.runs, "cpu_ms": way.cpu_ms, "loss": way.loss}
    log.info("precision auto: as `models optimize` found", extra=fields(model=path.name, **told))
    if abs(way.confidence - verdict.confidence) >= SHIFT:
        log.info(
            f"with it, confidence {way.confidence:.2f} finds what {verdict.confidence:g} found before",
            extra=fields(model=path.name),
        )
    return chosen, plain.model_copy(update={"engine": way.engine, "precision": way.precision})


def sum_of(path: Path) -> str:
    """SHA-256 of what a network is: its file, the files of its weights, and its card, where there are any.

    Raises ModelError.
    """
    try:
        content = path.read_bytes()
        found = hashlib.sha256(content)
        for beside in (*(path.parent / name for name in weight_files(content)), path.with_suffix(".yaml")):
            if beside.is_file():
                with beside.open("rb") as file:
                    found.update(hashlib.file_digest(file, "sha256").digest())
    except OSError as error:
        raise ModelError(f"cannot read the network {path}: {error.strerror}") from None
    return found.hexdigest()


def _find(path: Path, settings: ModelSettings) -> Verdict:
    """This machine's. Raises LookupError with why there is none."""
    if settings.device == "auto" and nvidia_devices():
        raise LookupError("it is of CPUs, and here is a GPU")
    found = _read(verdict_path(path))
    advice = f"`edgevision models optimize {settings.path}` looks for the fastest good way"
    if found is None:
        raise LookupError(f"nothing was tried yet: {advice}")
    digest = sum_of(path)
    if found.network != digest:
        raise LookupError(f"it, its weights or its card were others when it was tried: {advice}")
    here = this_machine()
    verdict = next((each for each in found.verdicts if each.machine == here), None)
    if verdict is None:
        raise LookupError(f"it was tried on another CPU, or with other versions of the engines: {advice}")
    way = _best(verdict, settings)
    file = path.with_name(way.file)
    if not file.is_file():
        raise LookupError(f"{way.file}, which was found best, is not beside it any more: {advice}")
    if (digest if file == path else sum_of(file)) != way.sha256:
        raise LookupError(f"{way.file} beside it has changed since it was tried: {advice}")
    return verdict


def _best(verdict: Verdict, settings: ModelSettings) -> Way:
    said = settings.input
    return verdict.best(folded=not (said.color or said.mean or said.std))


def _read(path: Path) -> Verdicts | None:
    """None where there is none. Raises ModelError for one that is damaged."""
    try:
        return Verdicts.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}") from None
    except ValidationError:
        raise ModelError(f"{path} is no verdict of `models optimize`: delete it, or run that again") from None


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
