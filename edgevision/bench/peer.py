"""One peer, as its users would write it: `python -m edgevision.bench.peer NAME MODEL CLIP`.

Says {} when it is ready. Then each line that comes is a number of seconds to work, and answered with the
frames, seconds and CPU seconds that it took. Networks of YOLOv8's form, as all of these libraries read it.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from edgevision.inference.openvino_package import load_openvino
from edgevision.opencv import cv2

LEAST = 0.25  # score from which a box is believed
SIZE = 640


def main() -> None:
    cv2.setNumThreads(-1)  # as everybody else leaves it
    answers = os.fdopen(os.dup(1), "w")  # stdout is ours alone: libraries print what they like elsewhere
    os.dup2(2, 1)
    name, model, clip = sys.argv[1:]
    work = WORK[name](model, clip)
    next(work)
    _say(answers, {})
    for line in sys.stdin:
        until, frames, began, cpu = time.monotonic() + float(line), 0, time.monotonic(), time.process_time()
        while time.monotonic() < until or not frames:
            next(work)
            frames += 1
        _say(
            answers,
            {
                "frames": frames,
                "seconds": time.monotonic() - began,
                "cpu": time.process_time() - cpu,
            },
        )


def _say(answers: Any, what: dict[str, float]) -> None:
    answers.write(json.dumps(what) + "\n")
    answers.flush()


def _pictures(clip: str) -> Iterator[Any]:
    while True:
        capture = cv2.VideoCapture(clip)
        while True:
            good, image = capture.read()
            if not good:
                break
            yield image
        capture.release()


def _letterbox(image: Any) -> tuple[Any, float]:
    scale = SIZE / max(image.shape[:2])
    small = cv2.resize(image, None, fx=scale, fy=scale)
    canvas = np.full((SIZE, SIZE, 3), 114, np.uint8)
    canvas[: small.shape[0], : small.shape[1]] = small
    return canvas, scale


def _tensor(canvas: Any) -> Any:
    return np.ascontiguousarray(canvas[:, :, ::-1].transpose(2, 0, 1)[None], np.float32) / 255


def _boxes(output: Any, scale: float) -> tuple[Any, Any, Any]:
    """x1 y1 x2 y2, scores and classes of (84, 8400), as the usual tutorials do it."""
    rows = output.T
    scores, classes = rows[:, 4:].max(1), rows[:, 4:].argmax(1)
    kept = scores > LEAST
    boxes = rows[kept, :4] / scale
    corners = np.concatenate([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, 2:]], 1)
    chosen = cv2.dnn.NMSBoxesBatched(
        corners.tolist(), scores[kept].tolist(), classes[kept].tolist(), LEAST, 0.7
    )
    picked = np.asarray(chosen, int).ravel()
    corners[:, 2:] += corners[:, :2]
    return corners[picked], scores[kept][picked], classes[kept][picked]


def ultralytics(model: str, clip: str) -> Iterator[None]:
    from ultralytics import YOLO

    network = YOLO(model, task="detect")
    for image in _pictures(clip):
        network.track(image, persist=True, tracker="bytetrack.yaml", conf=LEAST, verbose=False, imgsz=SIZE)
        yield


def supervision(model: str, clip: str) -> Iterator[None]:
    import onnxruntime
    import supervision as sv
    from trackers import ByteTrackTracker

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    tracker, line = ByteTrackTracker(), None
    for image in _pictures(clip):
        height, width = image.shape[:2]
        line = line or sv.LineZone(sv.Point(0, int(0.55 * height)), sv.Point(width, int(0.55 * height)))
        canvas, scale = _letterbox(image)
        output = session.run(None, {name: _tensor(canvas)})[0][0]
        boxes, scores, classes = _boxes(output, scale)
        found = sv.Detections(xyxy=boxes.reshape(-1, 4), confidence=scores, class_id=classes)
        line.trigger(tracker.update(found))
        yield


def openvino(model: str, clip: str) -> Iterator[None]:
    compiled = load_openvino().Core().compile_model(model, "CPU")
    request = compiled.create_infer_request()
    for image in _pictures(clip):
        canvas, scale = _letterbox(image)
        request.infer([_tensor(canvas)])
        _boxes(request.get_output_tensor(0).data[0], scale)
        yield


def cv2dnn(model: str, clip: str) -> Iterator[None]:
    network = cv2.dnn.readNetFromONNX(model)
    for image in _pictures(clip):
        canvas, scale = _letterbox(image)
        network.setInput(cv2.dnn.blobFromImage(canvas, 1 / 255, (SIZE, SIZE), swapRB=True))
        _boxes(network.forward()[0], scale)
        yield


WORK: dict[str, Callable[[str, str], Iterator[None]]] = {
    "ultralytics": ultralytics,
    "supervision": supervision,
    "openvino": openvino,
    "cv2dnn": cv2dnn,
}

if __name__ == "__main__":
    main()
