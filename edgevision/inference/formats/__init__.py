"""How networks write down what they saw. One file here is one format, named by `format:` in a card."""

from edgevision.errors import ModelError
from edgevision.inference.formats import boxes_scores, end2end, yolov5, yolov8, yolox
from edgevision.inference.formats.base import Format, Signature

__all__ = ["FORMATS", "find_format"]

FORMATS: dict[str, Format] = {
    "yolov5": yolov5,
    "yolov8": yolov8,
    "end2end": end2end,
    "yolox": yolox,
    "boxes_scores": boxes_scores,
}


def find_format(signature: Signature, wanted: str | None) -> str:
    """The name of the format of a network's outputs. Raises ModelError if none, or more than one, fits."""
    came = " and ".join(str(shape) for shape in signature.shapes)
    cells = f"{signature.cells} cells at input {signature.size.width}x{signature.size.height}"
    known = "\n".join(f"  {name}: {module.LAYOUT}" for name, module in FORMATS.items())
    if wanted is not None:
        if wanted not in FORMATS:
            raise ModelError(f"format {wanted!r} is unknown; the known ones are\n{known}")
        if not FORMATS[wanted].fits(signature):
            raise ModelError(f"its output {came} cannot be {wanted}: {FORMATS[wanted].LAYOUT}, with {cells}")
        return wanted
    task = signature.metadata.get("task", "detect")
    if task != "detect":
        raise ModelError(f"it is a network for the task {task!r}; this version runs detectors only")
    fitting = [name for name, module in FORMATS.items() if module.fits(signature)]
    if not fitting:
        raise ModelError(f"no known format has outputs of shape {came} ({cells}); known are\n{known}")
    if len(fitting) > 1:
        raise ModelError(f"its output {came} can be {' or '.join(fitting)}: say which with `format:`")
    return fitting[0]
