"""What is known and not read, so that a user hears what to do instead of a list of shapes."""

import math

from edgevision.inference.formats import yolov8
from edgevision.inference.formats.base import Signature, in_shares

# Of Ultralytics' metadata.
TASKS = {
    "pose": "people's poses: take the network of the same name without -pose, which finds their boxes",
    "obb": "boxes that are turned (OBB): train one for the task detect, or take one without -obb",
    "classify": "what a picture is as a whole; it finds no boxes",
}


def another_task(signature: Signature) -> str | None:
    """Why a network that says what it is for cannot be read; None for one that finds boxes."""
    task = signature.metadata.get("task", "detect")
    if task in ("detect", "segment"):
        return None
    return f"it is a network for the task {task!r}, {TASKS.get(task, 'which this version does not run')}"


def look_alike(signature: Signature) -> str | None:
    """Why a network with the shape of a detector is none."""
    columns = yolov8.columns(signature) if len(signature.outputs) == 1 else None
    if columns is None:
        return None
    # One class, then x, y in pixels and perhaps the visibility of each point: 56 rows for the 17 of COCO.
    points = len(columns) - 5
    has_points = points >= 2 and (points % 3 == 0 or points % 2 == 0)
    if has_points and in_shares(columns[4]) and columns[5:7].max(axis=1).min() > 2 * math.pi:
        return f"its {len(columns)} rows look like {TASKS['pose']}"
    if len(columns) > 5 and in_shares(columns[4:-1]):
        return f"its last row is no score but looks like the angle of {TASKS['obb']}"
    return (
        f"its output {signature.shapes[0]} has the shape of a YOLO, but its scores are not 0..1: export it "
        "with its last layers, without options for other devices (rknn, hailo, ...)"
    )
