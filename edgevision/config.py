"""The whole configuration: one YAML file, checked as a whole, every problem told at once."""

import ipaddress
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self, Union

from pydantic import AfterValidator, Field, ValidationInfo, create_model, field_validator, model_validator

from edgevision.analytics import ANALYTICS, is_single
from edgevision.conceal import Redaction
from edgevision.document import Document, read
from edgevision.errors import EdgevisionError
from edgevision.explain import validate
from edgevision.inference.region import WHOLE, RegionSetting, Window
from edgevision.inference.settings import ModelSettings
from edgevision.inference.tiles import TilesSetting
from edgevision.outputs import OUTPUTS
from edgevision.redact import remember
from edgevision.references import broken_references
from edgevision.settings import Duration, Name, Polygon, Settings, Time
from edgevision.sight.settings import SightSetting
from edgevision.sources import EXAMPLES, Acceleration, Address, Backend, Decode, LiveSettings, parse_address
from edgevision.tokens import MOST, Token, different

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SecondLook(Settings):
    """What a second network is to say of each object."""

    model: str = Field(description="which of `models`; not a detector")
    classes: list[str] = Field([], description="look only at these of the first network; all when left out")
    every: Duration = Field(1.0, description="how often to look at one object")
    margin: float = Field(0.1, ge=0, le=1, description="shown around its box, as a share of its sides")


class Ignored(Settings):
    """A place at which nothing is to be seen."""

    polygon: Polygon


class Still(Settings):
    """A camera whose picture stands still."""

    after: Duration = Field(10.0, gt=0, le=3600, description="so long without movement, and it is still")
    look_every: Duration = Field(
        5.0, gt=0, le=8, description="how often the network looks at it from then on; at most 8 s"
    )


class CameraBase(Settings):
    """One camera, stream or file, and what to find out about it."""

    source: str = Field(description=f"one of: {EXAMPLES}")
    model: str | None = Field(None, description="which of `models`; left out when there is only one")
    fps: float | None = Field(None, gt=0, le=1000, description="frames per second to use; all when left out")
    priority: float = Field(
        1.0, ge=0.1, le=10, description="under overload, one of 2 is looked at twice as often as one of 1"
    )
    start: Time = Field(EPOCH, description="the time of a file's first frame; its events count from there")
    open_timeout: Duration = Field(5.0, gt=0, le=3600, description="a live camera must answer within this")
    stall_timeout: Duration = Field(
        3.0, gt=0, le=3600, description="a live camera silent for this long is reconnected"
    )
    backend: Backend = Field("auto", description="what reads a stream; auto: pyav where it is installed")
    hwaccel: Acceleration = Field("none", description="decode a stream on a GPU, or else on the CPU")
    decode: Decode = Field(
        "all", description="keyframes: of a stream or file decode nothing else, one picture in 1 to 10 s"
    )
    remember: Duration = Field(
        300.0, description="how long an object that stands, such as a parked car, is remembered while hidden"
    )
    region: RegionSetting | None = Field(
        None, description="show the network this part of the picture only: [x1, y1, x2, y2]"
    )
    tiles: TilesSetting | None = Field(
        None, description="look at parts of each frame for small objects: auto, 3x2 or keys"
    )
    outlines: list[Literal["polygons", "rle"]] = Field(
        [], description="what its events carry of their object's mask, where the network draws one"
    )
    sight: SightSetting = Field(
        None, description="faults of the view that stop counting: auto, on, off or a list of them"
    )

    when_still: Still | None = Field(
        None, description="spares the network pictures in which nothing moves; left out: it looks at all"
    )
    then: dict[Name, SecondLook] = Field(default_factory=dict, description="second looks at each object")
    ignore: dict[Name, Ignored] = Field(
        default_factory=dict, description="places at which no object is followed; hidden is what is there"
    )

    @field_validator("source")
    @classmethod
    def _understood(cls, source: str, info: ValidationInfo) -> str:
        parse_address(source, (info.context or {}).get("base", Path()))
        return source

    @model_validator(mode="after")
    def _apart(self) -> Self:
        """Names in the file of an analytic, which `_shared_names` does not see."""
        others = {name: kind for kind, name, _ in self.analytics() if not is_single(kind)}
        for kind, name, settings in self.analytics():
            for each in getattr(settings, "file", None) or () if is_single(kind) else ():
                if each in others:
                    key = ANALYTICS[others[each]].KEY
                    raise ValueError(
                        f"{name}.file: {each} is the name of one of {key} already; choose another"
                    )
        return self

    def address(self, base: Path) -> Address:
        return parse_address(self.source, base)

    def window(self) -> Window:
        """The part of its pictures that its network is shown."""
        return Window(*self.region) if self.region else WHOLE

    def live(self) -> LiveSettings:
        return LiveSettings(self.open_timeout, self.stall_timeout, self.backend, self.hwaccel, self.decode)

    def analytics(self) -> Iterator[tuple[str, str, Any]]:
        """This camera's analytics: kind, name and settings of each."""
        for kind, module in ANALYTICS.items():
            found = getattr(self, module.KEY)
            if is_single(kind):
                found = {} if found is None else {module.KEY: found}
            for name, settings in found.items():
                yield kind, name, settings


# Each analytic brings its own key of a camera: lines, zones, ...
_ANALYTIC_KEYS: Any = {
    module.KEY: (module.Config | None, None)
    if is_single(kind)
    else (dict[Name, module.Config], Field(default_factory=dict))  # type: ignore[name-defined]
    for kind, module in ANALYTICS.items()
}
Camera: Any = create_model("Camera", __base__=CameraBase, **_ANALYTIC_KEYS)

# Each output brings its own settings, told apart by `type:`.
Output: Any = Annotated[
    Union[tuple(module.Config for module in OUTPUTS.values())],  # noqa: UP007 - made of a tuple
    Field(discriminator="type"),
]


def _host_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", value):
        raise ValueError(f"expected a name such as box.example, without http:// and port, got {value!r}")
    return value


class Http(Settings):
    """The HTTP server: /metrics, /healthz, /readyz, /api."""

    listen: str = Field("127.0.0.1:9108", description="address:port; port 0 takes a free one")
    redact: Redaction | None = Field(None, description="what must not be recognised in pictures on the page")
    token: str | None = Field(None, min_length=16, description="bearer token to ask for; needed off loopback")
    tokens: Annotated[list[Token], Field(max_length=MOST), AfterValidator(different)] = Field(
        [], description="tokens of a role each, by their hashes; `edgevision token` makes them"
    )
    hosts: list[Annotated[str, AfterValidator(_host_name)]] = Field(
        [], description="names that browsers and Prometheus call it by, beside addresses and this machine's"
    )

    @model_validator(mode="after")
    def _guarded(self) -> "Http":
        remember(self.token or "")
        host, _ = self.endpoint()
        if not ipaddress.ip_address(host).is_loopback and self.token is None and not self.tokens:
            raise ValueError(
                f"listen: {host} is open to the network, which needs `token:` (at least 16 characters, "
                "e.g. ${EDGEVISION_TOKEN}), or `tokens:` (see `edgevision token`); or listen on 127.0.0.1"
            )
        return self

    def endpoint(self) -> tuple[str, int]:
        """Address and port. Raises ValueError for anything else."""
        host, _, port = self.listen.rpartition(":")
        host = {"localhost": "127.0.0.1", "": "0.0.0.0"}.get(host, host.strip("[]"))
        try:
            ipaddress.ip_address(host)
            number = int(port)
        except ValueError:
            number = -1
        if not 0 <= number <= 65535:
            raise ValueError(f"expected address:port such as 127.0.0.1:9108, got {self.listen!r}")
        return host, number


class Log(Settings):
    """The log on stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class Config(Settings):
    """Everything one process does."""

    models: dict[Name, ModelSettings] = Field(
        default_factory=lambda: {"default": ModelSettings()}, min_length=1
    )
    cameras: dict[Name, Camera] = Field(min_length=1)
    outputs: list[Output] = Field(default_factory=list)
    http: Http | None = Http()
    log: Log = Log()

    def model_of(self, camera: str) -> str:
        """The name of the model that a camera uses."""
        return self.cameras[camera].model or next(iter(self.models))


class LoadedConfig:
    """A configuration with the file it came from, for messages and relative paths."""

    def __init__(self, settings: Config, file: Document, base: Path) -> None:
        self.settings = settings
        self.base = base  # folder that relative paths of inputs start at
        self.where = file.where
        self.line = file.line


def load(path: Path) -> LoadedConfig:
    """Read a configuration file. Raises ConfigError with every problem, each with its line."""
    return check(read(path), path.parent)


def check(file: Document, base: Path) -> LoadedConfig:
    """Make a configuration of a document. Raises ConfigError with every problem, each with its line."""
    return LoadedConfig(validate(Config, file, {"base": base}, broken_references(file.data)), file, base)


@contextmanager
def placed(config: LoadedConfig, *path: str | int) -> Iterator[None]:
    """Errors inside name the file, line and key that they are about."""
    try:
        yield
    except EdgevisionError as error:
        raise error.placed(config.where(*path)) from None
