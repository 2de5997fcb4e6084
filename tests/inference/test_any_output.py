"""Whatever a network gives: a format or a ModelError, and no format stumbles over what it said it fits."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgevision.core.boxes import Placement
from edgevision.core.types import Size
from edgevision.errors import ModelError
from edgevision.inference.formats import FORMATS, find_format
from edgevision.inference.formats.base import MOST_CANDIDATES, Signature
from edgevision.inference.masks import cut
from tests.inference.test_formats import EMPTY

# The lengths that formats look for, at 64x64, and some that none does.
LENGTHS = st.sampled_from([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 14, 16, 32, 36, 50, 64, 84, 85, 235, 252])
SHAPES = st.one_of(
    st.lists(LENGTHS, min_size=0, max_size=2),
    st.lists(LENGTHS, min_size=1, max_size=2).map(lambda rest: [1, *rest]),
    st.tuples(st.sampled_from([1, 4, 32]), st.sampled_from([2, 8, 16])).map(lambda s: [1, s[0], s[1], s[1]]),
)
VALUES = st.sampled_from(["zeros", "shares", "pixels", "logits", "odd"])


@st.composite
def outputs(draw: st.DrawFn) -> list[np.ndarray]:
    arrays = []
    for shape in draw(st.lists(SHAPES, min_size=1, max_size=4)):
        rng = np.random.default_rng(draw(st.integers(0, 9)))
        array = {
            "zeros": np.zeros(shape),
            "shares": rng.uniform(0, 1, shape),
            "pixels": rng.uniform(0, 64, shape),
            "logits": rng.normal(-4, 3, shape),
            "odd": rng.choice([np.nan, np.inf, -np.inf, 1e30, -1e30, 0.5], shape),
        }[draw(VALUES)]
        dtype = draw(st.sampled_from(["float32", "float16", "int64"]))
        with np.errstate(all="ignore"):
            arrays.append(array.astype(dtype))
    return arrays


@given(outputs(), st.sampled_from([0, 1, 3, 80]), st.sampled_from([0.25, 0.01]))
@settings(max_examples=150)
def test_any_output_is_read_or_refused(arrays: list[np.ndarray], labels: int, least: float) -> None:
    signature = Signature(Size(64, 64), arrays, {}, labels=labels)
    with np.errstate(
        all="ignore"
    ):  # infinite values make warnings, which the log takes; not what this is about
        with contextlib.suppress(ModelError):
            assert find_format(signature, None) in FORMATS
        for name, module in FORMATS.items():
            if module.fits(signature):
                found = module.decoder(signature)(arrays, least)
                count = len(found.scores)
                assert count <= MOST_CANDIDATES, name
                assert found.boxes.shape == (count, 4), name
                assert found.boxes.dtype == found.scores.dtype == np.float32, name
                assert found.class_ids.shape == (count,), name
                assert found.class_ids.dtype == np.int32, name


WHOLE = {
    "tfod": [((1, 20, 4), "f4"), ((1, 20), "f4"), ((1, 20), "f4"), ((1,), "f4")],
    "efficient_nms": [((1, 1), "i4"), ((1, 20, 4), "f4"), ((1, 20), "f4"), ((1, 20), "i4")],
    "torchvision": [((20, 4), "f4"), ((20,), "i8"), ((20,), "f4"), ((20, 1, 64, 64), "f4")],
    "rcnn": [((20, 4), "f4"), ((20,), "i8"), ((20,), "f4"), ((20, 1, 28, 28), "f4")],
    "rtdetr": [((1, 20), "i8"), ((1, 20, 4), "f4"), ((1, 20), "f4")],
    "ssd_finished": [((1, 20), "i8"), ((1, 20, 4), "f4"), ((1, 20), "f4")],
    "paddle": [((20, 6), "f4"), ((1,), "i4")],
    "boxes_pixels": [((1, 84, 4), "f4"), ((1, 84, 2), "f4"), ((1, 3, 16, 16), "f4")],
}
FACTS = {"boxes_pixels": {"pixels": "[1, 2]"}}
FORMS = {name: [(shape, "f4") for shape in shapes] for name, shapes in EMPTY.items()} | WHOLE


def test_all_formats_are_tried() -> None:
    assert set(FORMS) == set(FORMATS)


@pytest.mark.parametrize("name", sorted(FORMS))
@pytest.mark.parametrize("values", [np.nan, np.inf, -np.inf, 1e30, -1e30, 3.0])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_no_format_stumbles_over_its_own_shapes(name: str, values: float, dtype: str) -> None:
    calm = [np.full(shape, 0.5).astype(dtype if kind == "f4" else kind) for shape, kind in FORMS[name]]
    signature = Signature(Size(64, 64), calm, FACTS.get(name, {}))
    assert FORMATS[name].fits(signature)
    decode = FORMATS[name].decoder(signature)
    with np.errstate(all="ignore"):
        wild = [np.where(np.arange(array.size).reshape(array.shape) % 3, array, values) for array in calm]
        outputs = [array.astype(before.dtype) for array, before in zip(wild, calm, strict=True)]
        for least in (0.25, 0.01):
            found = decode(outputs, least)
            assert found.boxes.shape == (len(found.scores), 4)
            assert len(found.scores) == len(found.class_ids) <= MOST_CANDIDATES
            placement = Placement(Size(64, 64), 1, 1, 0, 0)
            boxes = placement.to_frame(found.boxes)
            # Boxes that are no numbers are left out before anything is drawn.
            for number in np.flatnonzero(np.isfinite(found.boxes).all(axis=1))[:3] if found.masks else ():
                mask = cut(found.masks(int(number)), boxes[number], placement)  # type: ignore[misc]
                assert max(mask.pixels.shape) <= 64
