import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgevision.core.types import Size
from edgevision.inference.preprocess import InputSpec, Preprocessor, place
from edgevision.opencv import cv2

BGR = np.array([10, 100, 200], np.uint8)


def picture(width: int, height: int) -> np.ndarray:
    return np.tile(BGR, (height, width, 1))


def test_a_wide_picture_is_centred_between_bars() -> None:
    tensor, placement = Preprocessor(InputSpec(Size(64, 64)))(picture(128, 64))
    assert tensor.shape == (1, 3, 64, 64)
    column = tensor[0, :, :, 30] * 255  # red, green, blue from top to bottom
    assert column[:, 15] == pytest.approx([114, 114, 114], abs=1e-3)
    assert column[:, 16] == pytest.approx([200, 100, 10], abs=1e-3)
    assert column[:, 47] == pytest.approx([200, 100, 10], abs=1e-3)
    assert column[:, 48] == pytest.approx([114, 114, 114], abs=1e-3)
    assert placement.to_frame(np.array([[0, 16, 64, 48]], np.float32)).tolist() == [[0, 0, 128, 64]]


def test_top_left_letterbox_pads_at_the_end_only() -> None:
    spec = InputSpec(Size(64, 64), resize="letterbox_top_left", color="bgr", std=(1, 1, 1))
    tensor, _ = Preprocessor(spec)(picture(128, 64))
    assert tensor[0, :, 0, 0].tolist() == [10, 100, 200]
    assert tensor[0, :, 32, 0].tolist() == [114, 114, 114]


def test_stretch_fills_everything() -> None:
    tensor, placement = Preprocessor(InputSpec(Size(64, 32), resize="stretch"))(picture(10, 90))
    assert tensor[0, 0] * 255 == pytest.approx(np.full((32, 64), 200), abs=1e-3)
    assert placement.to_frame(np.array([[32, 16, 64, 32]], np.float32)).tolist() == [[5, 45, 10, 90]]


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_mean_and_deviation_are_of_the_right_channel(dtype: str, layout: str) -> None:
    spec = InputSpec(Size(32, 32), layout=layout, dtype=dtype, mean=(1, 2, 3), std=(2, 4, 8))  # type: ignore[arg-type]
    tensor, _ = Preprocessor(spec)(picture(32, 32))
    pixel = tensor[0, :, 5, 5] if layout == "nchw" else tensor[0, 5, 5]
    assert tensor.dtype == dtype
    assert pixel.astype(float) == pytest.approx([(200 - 1) / 2, (100 - 2) / 4, (10 - 3) / 8], rel=1e-3)


@pytest.mark.parametrize(("color", "expected"), [("bgr", [10, 100, 200]), ("rgb", [200, 100, 10])])
@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_uint8_is_given_as_it_is(color: str, expected: list[int], layout: str) -> None:
    spec = InputSpec(Size(32, 32), layout=layout, dtype="uint8", color=color)  # type: ignore[arg-type]
    tensor, _ = Preprocessor(spec)(picture(32, 32))
    pixel = tensor[0, :, 5, 5] if layout == "nchw" else tensor[0, 5, 5]
    assert (tensor.dtype.name, pixel.tolist()) == ("uint8", expected)


def test_no_trace_of_the_picture_before_is_left() -> None:
    preprocess = Preprocessor(InputSpec(Size(64, 64), std=(1, 1, 1)))
    preprocess(picture(64, 64))
    tensor, _ = preprocess(picture(128, 32))
    assert (tensor[0, :, :24] == 114).all()
    assert (tensor[0, :, 40:] == 114).all()


@given(
    st.integers(1, 5000),
    st.integers(1, 5000),
    st.sampled_from(["letterbox", "letterbox_top_left", "stretch"]),
)
def test_any_frame_lies_inside_the_input_and_comes_back_whole(width: int, height: int, resize: str) -> None:
    size = Size(640, 384)
    placement = place(Size(width, height), InputSpec(size, resize=resize))  # type: ignore[arg-type]
    x2 = placement.offset_x + width * placement.scale_x
    y2 = placement.offset_y + height * placement.scale_y
    assert placement.offset_x >= 0
    assert placement.offset_y >= 0
    assert x2 <= size.width + 1e-6
    assert y2 <= size.height + 1e-6
    inside = np.array([[placement.offset_x, placement.offset_y, x2, y2]], np.float32)
    assert placement.to_frame(inside)[0] == pytest.approx([0, 0, width, height], rel=1e-4, abs=1e-2)


@pytest.mark.parametrize(
    ("frame", "size", "crop", "window"),
    [
        ((640, 480), (224, 224), 0.875, (110, 30, 530, 450)),  # 480 * 224 / 256 = 420 px of each side
        ((480, 640), (224, 224), 1.0, (0, 80, 480, 560)),
        ((400, 400), (200, 100), 1.0, (0, 100, 400, 300)),
        ((1, 16000), (224, 224), 0.875, (0, 7999, 1, 8000)),
        ((1, 1), (224, 224), 0.5, (0, 0, 1, 1)),
    ],
)
def test_a_crop_shows_the_middle(
    frame: tuple[int, int], size: tuple[int, int], crop: float, window: tuple[int, int, int, int]
) -> None:
    placement = place(Size(*frame), InputSpec(Size(*size), resize="crop", crop=crop))
    shown = placement.to_frame(np.array([[0, 0, *size]], np.float32))
    assert shown[0] == pytest.approx(window, abs=1e-3)


def test_a_crop_is_filled_with_what_it_shows() -> None:
    """The window's pixels count up from 0 in each direction; beside it everything is 255."""
    image = np.full((80, 100, 3), 255, np.uint8)
    y, x = np.mgrid[:40, :40]
    image[20:60, 30:70] = np.stack([x, y, x + y], axis=-1)
    spec = InputSpec(Size(40, 40), resize="crop", crop=0.5, std=(1, 1, 1))
    tensor, _ = Preprocessor(spec)(image)
    assert (tensor[0] == np.stack([x + y, y, x])).all()


def test_a_crop_that_shrinks_much_counts_every_pixel() -> None:
    """A chessboard of single pixels is grey when all of them count."""
    image = np.tile(np.array([[0, 200], [200, 0]], np.uint8)[:, :, None], (128, 128, 3))
    spec = InputSpec(Size(32, 32), resize="crop", crop=1.0, std=(1, 1, 1))
    tensor, _ = Preprocessor(spec)(image)
    assert tensor == pytest.approx(np.full((1, 3, 32, 32), 100), abs=1)


def test_nothing_of_a_crop_before_is_left() -> None:
    preprocess = Preprocessor(InputSpec(Size(32, 32), resize="crop", std=(1, 1, 1)))
    preprocess(np.full((50, 90, 3), 7, np.uint8))
    tensor, placement = preprocess(np.full((90, 50, 3), 9, np.uint8))
    assert (tensor == 9).all()
    assert placement.frame == (50, 90)


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32"])
@pytest.mark.parametrize("resize", ["letterbox", "letterbox_top_left", "stretch"])
@settings(max_examples=20)
@given(
    color=st.sampled_from(["rgb", "bgr"]),
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    seed=st.integers(0, 9),
)
def test_only_the_place_of_the_picture_changes(
    layout: str, dtype: str, resize: str, color: str, width: int, height: int, seed: int
) -> None:
    """Against the same done on whole arrays with numpy, for pictures of two sizes in turn."""
    mean, std = (9, 8, 7), (3, 4, 5)
    spec = InputSpec(Size(48, 32), layout, dtype, color, resize, mean=mean, std=std)  # type: ignore[arg-type]
    preprocess, rng = Preprocessor(spec), np.random.default_rng(seed)
    for size in ((width, height), (height, width), (width, height)):
        image = rng.integers(0, 256, (size[1], size[0], 3), np.uint8)
        tensor, at = preprocess(image)
        x, y = round(at.offset_x), round(at.offset_y)
        small = cv2.resize(image, (round(size[0] * at.scale_x), round(size[1] * at.scale_y)))
        whole = np.full((32, 48, 3), 114, np.uint8)
        whole[y : y + small.shape[0], x : x + small.shape[1]] = small
        pixels = whole[:, :, ::-1] if color == "rgb" else whole
        wanted = pixels if dtype == "uint8" else ((pixels - np.array(mean, float)) / std).astype(dtype)
        wanted = wanted if layout == "nhwc" else wanted.transpose(2, 0, 1)
        assert np.array_equal(tensor[0], wanted)
