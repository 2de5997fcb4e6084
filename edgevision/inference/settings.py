"""What can be said about a network: in the configuration, and in a card beside its file."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from edgevision.errors import ConfigError
from edgevision.inference.devices import PATTERN, read_device
from edgevision.settings import NetworkPath, Settings, Share, as_tuple


def _device(text: str) -> str:
    read_device(text)
    return text


Device = Annotated[str, AfterValidator(_device), Field(json_schema_extra={"pattern": f"^({PATTERN})$"})]
Batch = Literal["auto"] | Annotated[int, Field(ge=1, le=64)]
EngineName = Literal["onnxruntime", "openvino"]
Precision = Literal["as_is", "fp32", "bf16", "auto"]
Mode = Literal["auto", "throughput", "latency"]
Numbers = Annotated[tuple[float, float, float], BeforeValidator(as_tuple, json_schema_input_type=list[float])]
Pixels = Annotated[tuple[int, int], BeforeValidator(as_tuple, json_schema_input_type=list[int])]
Labels = list[str] | str
Resize = Literal["letterbox", "letterbox_top_left", "stretch", "crop"]
Task = Literal["detect", "segment", "classify"]
Activation = Literal["softmax", "sigmoid", "none"]


class InputSettings(Settings):
    """How a picture becomes the network's input; what is left out is as its format is used to."""

    size: Pixels | None = Field(None, description="[width, height], for a network that leaves them open")
    color: Literal["rgb", "bgr"] | None = None
    resize: Resize | None = None
    crop: float | None = Field(
        None, gt=0, le=1, description="with resize: crop, the share of the picture's short side that is shown"
    )
    pad: int | None = Field(None, ge=0, le=255, description="grey value beside a letterboxed picture")
    mean: Numbers | None = Field(None, description="subtracted from each channel's 0..255")
    std: Numbers | None = Field(None, description="then divided by")


class Reading(Settings):
    """How to read a network."""

    task: Task | None = Field(None, description="what it does; found by itself where it can be")
    format: str | None = Field(
        None, description="a detector's output format; found by itself where it can be"
    )
    output: str | None = Field(None, description="the output to read, where several could be meant")
    activation: Activation | None = Field(
        None,
        description="what makes 0..1 of a classifier's output; sigmoid where several labels can hold at once",
    )
    labels: Labels | None = Field(
        None,
        description="class names in the network's order; coco; voc; imagenet; a file with one name per line; "
        "coco91 for a network that uses COCO's own numbers, 1 to 90 with gaps",
    )
    input: InputSettings = InputSettings()


class Card(Reading):
    """`x.yaml` beside `x.onnx`: how to read it, and what a user should know of it."""

    name: str = ""
    description: str = ""
    licence: str = ""
    sha256: str = Field("", description="of the .onnx file; a file that differs is refused")
    trained_on: str = ""
    measured: str = ""
    weaknesses: str = ""
    retrain: str = ""


class ModelSettings(Reading):
    """A network and what to take from it."""

    path: NetworkPath = Field("builtin:default", description="an .onnx file, builtin:NAME or pulled:NAME")
    device: Device = Field(
        "auto",
        description="auto: a GPU if one really works; others: that, or an error; cuda:1 is the second GPU",
    )
    engine: EngineName = Field("onnxruntime", description="what runs it; openvino is an extra, for CPUs")
    precision: Precision = Field(
        "as_is",
        description="fp32, bf16: that, or an error; as_is: what its file computes in; auto: the fastest "
        "good way that `models optimize` found",
    )
    confidence: float = Field(0.35, gt=0, le=1, description="score from which an object is believed")
    overlap: Share = Field(0.65, description="two boxes of one class that overlap more are one (IoU)")
    classes: list[str] = Field([], description="use only these; all when left out")
    mode: Mode = Field(
        "auto",
        description="throughput: a worker per core; latency: one worker on all cores; "
        "auto: latency for a single live camera, else throughput",
    )
    batch: Batch = Field(
        "auto",
        description="frames of different cameras that one run takes at most, where the file leaves it open; "
        "auto: 8 on a GPU, 1 on a CPU",
    )
    cuda_graph: bool = Field(
        False,
        description="on a named GPU, for a file with fixed sizes: what a run asks of the GPU is recorded",
    )
    workers: int | None = Field(None, ge=1, le=64, description="fixes the number of workers, a core each")

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if self.engine == "openvino" and self.device not in ("auto", "cpu"):
            raise ValueError(
                f"engine openvino runs on the CPU: leave `device: {self.device}` out, or the engine"
            )
        if self.precision == "auto" and self.engine == "openvino":
            raise ValueError("with `precision: auto` the engine is found, too: leave `engine` out")
        if self.precision == "auto" and self.device not in ("auto", "cpu"):
            raise ValueError(f"`precision: auto` is of CPUs: leave it out with `device: {self.device}`")
        if self.precision == "bf16" and self.engine == "onnxruntime":
            raise ValueError("`precision: bf16` needs `engine: openvino`; onnxruntime has none on a CPU")
        if self.cuda_graph:
            self._recordable()
        return self

    def _recordable(self) -> None:
        if self.engine == "openvino":
            raise ValueError(
                "`cuda_graph: true` is of GPUs, and engine openvino runs on the CPU: leave one out"
            )
        if self.device in ("auto", "cpu"):
            raise ValueError(
                "`cuda_graph: true` needs a GPU that is named: say `device: cuda` or `device: tensorrt`, not "
                f"`{self.device}`, or leave `cuda_graph` out"
            )
        if self.batch not in ("auto", 1):
            raise ValueError(
                f"`cuda_graph: true` records the run of one picture: leave `batch: {self.batch}` out, or "
                "`cuda_graph`"
            )


def network_settings(**values: Any) -> ModelSettings:
    """Those that options of the command line say. Raises ConfigError where they do not go together."""
    try:
        return ModelSettings(**values)
    except ValidationError as error:
        raise ConfigError(
            [str(each.get("ctx", {}).get("error", each["msg"])) for each in error.errors()]
        ) from None
