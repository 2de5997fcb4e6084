"""Objects cut out of pictures and put into others."""

from pathlib import Path

import numpy as np
import pytest

from edgevision.opencv import cv2
from models.train.cutouts import Cutout, cut_out, paste
from models.train.labels import LABELS
from models.train.masks import UNJUDGED
from models.train.pack import Pack
from tests.models.packs import write_pack

CAR, PERSON = LABELS.index("car"), LABELS.index("person")


def ellipse(width: int, height: int, label: int, colour: tuple[int, int, int]) -> Cutout:
    alpha = np.zeros((height, width), np.float32)
    cv2.ellipse(alpha, (width // 2, height // 2), (width // 2 - 1, height // 2 - 1), 0, 0, 360, 1.0, -1)
    return Cutout(np.full((height, width, 3), colour, np.uint8), alpha, label)


@pytest.mark.parametrize("seed", range(12))
def test_a_box_lies_tightly_on_what_was_put_in(seed: int) -> None:
    image = np.zeros((200, 300, 3), np.uint8)
    one = [ellipse(60, 90, PERSON, (0, 255, 0))]
    labels, boxes = paste(
        image, np.zeros(0, np.int64), np.zeros((0, 4), np.float32), one, np.random.default_rng(seed)
    )
    assert set(labels.tolist()) <= {PERSON, -1}
    lit = np.argwhere(image[:, :, 1] > 127)
    (y0, x0), (y1, x1) = lit.min(axis=0), lit.max(axis=0) + 1
    union = [*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)]
    assert union == pytest.approx([x0, y0, x1, y1], abs=1)


def test_what_is_hidden_is_not_judged_and_what_is_not_stays() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    boxes = np.array([[48, 48, 52, 52], [0, 0, 99, 99]], np.float32)
    large = [ellipse(99, 99, CAR, (255, 255, 255))]
    hidden = 0
    for seed in range(60):
        labels, _ = paste(image.copy(), np.array([PERSON, CAR]), boxes, large, np.random.default_rng(seed))
        hidden += labels[0] == -1
        assert labels[1] == CAR  # at most 80 of its 99 px are covered each way
    assert 0 < hidden < 60


def test_only_clear_and_whole_objects_are_cut_out(tmp_path: Path) -> None:
    write_pack(tmp_path)
    pack = Pack(tmp_path)
    masks = tmp_path / "masks"
    masks.mkdir()
    expected = 0
    for i in range(4):
        labels, boxes = pack.objects(i)
        height, width = pack.image(i).shape[:2]
        pixels = np.zeros((height, width), np.uint8)
        for label, (x0, y0, x1, y1) in zip(labels, boxes.astype(int), strict=True):
            middle, half = (int((x0 + x1) / 2), int((y0 + y1) / 2)), (int((x1 - x0) / 2), int((y1 - y0) / 2))
            cv2.ellipse(pixels, middle, half, 0, 0, 360, (1 if label == PERSON else 2,), -1)
        if i == 0:
            pixels[:] = UNJUDGED  # nothing of this picture may be used
        cv2.imwrite(str(masks / f"{i}.png"), pixels)
        large = (boxes[:, 2:] - boxes[:, :2]).min(axis=1) >= 24
        expected += int(large.sum()) if i else 0
    found = cut_out(pack, masks)
    assert 0 < len(found) <= expected
    for cut in found:
        assert cut.image.shape[:2] == cut.alpha.shape
        assert 0.5 < cut.alpha.mean() < 0.95  # an ellipse fills 0.79 of its box
