"""How networks write down what they saw. One file here is one format, named by `format:` in a card."""

from collections.abc import Callable

from edgevision.errors import ModelError
from edgevision.inference.formats import (
    boxes_pixels,
    boxes_scores,
    centernet,
    deformable_detr,
    detr,
    efficient_nms,
    end2end,
    end2end_seg,
    fastestdet,
    nanodet,
    paddle,
    picodet,
    rcnn,
    rfdetr,
    rtdetr,
    rtdetr_logits,
    rtdetr_rows,
    ssd,
    ssd_finished,
    tfod,
    torchvision,
    yolov5,
    yolov5_seg,
    yolov6,
    yolov7_end2end,
    yolov8,
    yolov8_seg,
    yolox,
    yunet,
    yunet_2022,
)
from edgevision.inference.formats.base import Format, Signature
from edgevision.inference.formats.refused import another_task, look_alike

__all__ = ["COCO_91", "FORMATS", "FROM_ONE", "USUAL_LABELS", "find_format", "fitting_formats"]

FORMATS: dict[str, Format] = {
    "yolov5": yolov5,
    "yolov5_seg": yolov5_seg,
    "yolov6": yolov6,
    "yolov7_end2end": yolov7_end2end,
    "yolov8": yolov8,
    "yolov8_seg": yolov8_seg,
    "end2end": end2end,
    "end2end_seg": end2end_seg,
    "yolox": yolox,
    "boxes_scores": boxes_scores,
    "boxes_pixels": boxes_pixels,
    "nanodet": nanodet,
    "picodet": picodet,
    "paddle": paddle,
    "ssd": ssd,
    "ssd_finished": ssd_finished,
    "tfod": tfod,
    "torchvision": torchvision,
    "rcnn": rcnn,
    "efficient_nms": efficient_nms,
    "rtdetr": rtdetr,
    "rtdetr_logits": rtdetr_logits,
    "rtdetr_rows": rtdetr_rows,
    "deformable_detr": deformable_detr,
    "detr": detr,
    "rfdetr": rfdetr,
    "yunet": yunet,
    "yunet_2022": yunet_2022,
    "centernet": centernet,
    "fastestdet": fastestdet,
}
# What their values on a blank picture must look like. A format that is asked for is not held to it.
SHOWS: dict[str, Callable[[Signature], bool]] = {
    "yolov5_seg": yolov5_seg.shows,
    "yolov6": yolov6.shows,
    "yolov8": yolov8.shows,
    "yolov8_seg": yolov8_seg.shows,
    "yolox": yolox.shows,
    "end2end": end2end.shows,
    "nanodet": nanodet.shows,
    "ssd": ssd.shows,
    "tfod": tfod.shows,
    "torchvision": torchvision.shows,
    "rcnn": rcnn.shows,
    "efficient_nms": efficient_nms.shows,
    "rtdetr": rtdetr.shows,
    "rtdetr_logits": rtdetr_logits.shows,
    "rtdetr_rows": rtdetr_rows.shows,
    "deformable_detr": deformable_detr.shows,
    "detr": detr.shows,
    "rfdetr": rfdetr.shows,
}
# Their outputs may be anything at all, so a card must name them.
ONLY_ASKED_FOR = {"centernet", "fastestdet"}
# The family that says so in its metadata.
ULTRALYTICS = {"yolov5", "yolov5_seg", "yolov8", "yolov8_seg", "end2end", "end2end_seg", "rtdetr_rows"}
# Their first class has the number 1; 0 is the background, or nothing.
FROM_ONE = {"tfod", "torchvision", "rcnn", "ssd_finished"}
# Of COCO they use its 91 numbers with gaps, whatever their outputs show.
COCO_91 = {"tfod", "torchvision"}
USUAL_LABELS = {"yunet": ["face"], "yunet_2022": ["face"]}


def find_format(signature: Signature, wanted: str | None, card: str = "a card beside it") -> str:
    """The name of the format of a network's outputs. Raises ModelError if none, or more than one, fits.

    card: the file that a user may write `format:` into, for the message.
    """
    came = " and ".join(str(shape) for shape in signature.shapes)
    cells = f"{signature.cells} cells at input {signature.size.width}x{signature.size.height}"
    known = "\n".join(f"  {name}: {module.LAYOUT}" for name, module in FORMATS.items())
    if wanted is not None:
        if wanted not in FORMATS:
            raise ModelError(f"format {wanted!r} is unknown; the known ones are\n{known}")
        if not FORMATS[wanted].fits(signature):
            raise ModelError(f"its output {came} cannot be {wanted}: {FORMATS[wanted].LAYOUT}, with {cells}")
        return wanted
    other = another_task(signature)
    if other:
        raise ModelError(other)
    fitting = fitting_formats(signature)
    if not fitting:
        reason = (
            look_alike(signature)
            or f"no known format has outputs of shape {came} ({cells}); known are\n{known}"
        )
        raise ModelError(reason)
    if len(fitting) > 1:
        lines = "\n".join(f"  format: {name}  # {FORMATS[name].LAYOUT}" for name in fitting)
        raise ModelError(
            f"its output {came} can be {' or '.join(fitting)}: say which with `format:`, one of these lines "
            f"in {card} or in the model's part of the configuration\n{lines}"
        )
    return fitting[0]


def fitting_formats(signature: Signature) -> list[str]:
    """The formats that shapes, metadata, the number of names and the values leave."""
    fitting = [name for name, module in FORMATS.items() if module.fits(signature)]
    fitting = [name for name in fitting if name not in ONLY_ASKED_FOR]
    if {"names", "stride"} <= signature.metadata.keys():
        fitting = [name for name in fitting if name in ULTRALYTICS] or fitting
    # The 80 names of COCO may be given to a network that has its 91 numbers.
    counts = {signature.labels, 91} if signature.labels == 80 else {signature.labels}
    named = [name for name in fitting if FORMATS[name].classes(signature) in counts]
    return _shown(signature, named if signature.labels else []) or _shown(signature, fitting)


def _shown(signature: Signature, names: list[str]) -> list[str]:
    return [name for name in names if name not in SHOWS or SHOWS[name](signature)]
