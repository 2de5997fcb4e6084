"""The training recipe, where PyTorch is installed."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from edgevision.opencv import cv2
from models.train.labels import LABELS, SHIPPED
from tests.models.packs import write_pack

torch = pytest.importorskip("torch", reason="PyTorch is needed for training only: pip install -e .[train]")

BICYCLE = LABELS.index("bicycle")


def part(name: str) -> Any:
    """A module of the recipe; imported here, as it needs PyTorch."""
    return import_module(f"models.train.{name}")


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pack")
    write_pack(folder)
    return folder


@pytest.fixture(scope="module")
def pictures(pack: Path) -> Any:
    """Four drawn pictures."""
    return part("mixture").Pictures(*part("mixture").real_samples(part("pack").Pack(pack), None), [], [])


def batch(pictures: Any, four: float = 0.5) -> Any:
    mixture = part("mixture")
    stream = iter(mixture.Mixed(pictures, 256, four, 0.0, seed=0))
    return mixture.collate([next(stream) for _ in range(4)])


def test_drawn_pictures_get_their_share(pictures: Any) -> None:
    mixed = pictures._replace(drawn=pictures.real[:3])
    weights = mixed.weights(0.2)
    assert len(weights) == 7
    assert weights[4:].sum() / weights.sum() == pytest.approx(0.2)


def test_two_steps_change_every_weight_and_keep_the_loss_finite(pictures: Any) -> None:
    trainer = part("loop").Trainer(torch.device("cpu"))
    before = {name: value.clone() for name, value in trainer.network.named_parameters()}
    losses = [trainer.step(*batch(pictures), share=0.0) for _ in range(2)]
    assert all(bool(torch.isfinite(loss.total)) for loss in losses)
    unchanged = [
        name for name, value in trainer.network.named_parameters() if torch.equal(value, before[name])
    ]
    assert unchanged == []
    assert trainer.progress.step == 2


def test_pictures_learnt_by_heart_give_a_falling_loss(pictures: Any) -> None:
    trainer, given = part("loop").Trainer(torch.device("cpu")), batch(pictures)
    losses = [float(trainer.step(*given, share=0.0).total.detach()) for _ in range(12)]
    assert np.mean(losses[-3:]) < 0.9 * np.mean(losses[:3])


def test_a_checkpoint_goes_on_exactly_where_it_was(pictures: Any, tmp_path: Path) -> None:
    loop, given = part("loop"), batch(pictures)
    first = loop.Trainer(torch.device("cpu"))
    first.step(*given, share=0.0)
    first.save(tmp_path / "checkpoint.pt")
    second = loop.Trainer(torch.device("cpu"))
    second.load(tmp_path / "checkpoint.pt")
    one, two = (float(trainer.step(*given, share=0.1).total.detach()) for trainer in (first, second))
    assert one == two
    assert second.progress.step == 2


def test_a_training_ends_and_goes_on(pictures: Any, tmp_path: Path) -> None:
    loop = part("loop")
    done = loop.train(tmp_path, 0.001, pictures, workers=0).progress
    longer = done.seconds / 60 + 0.001
    again = loop.train(tmp_path, longer, pictures, workers=0).progress
    assert again.step > done.step >= 1
    assert again.seconds >= longer * 60


def test_proposals_fill_in_what_is_not_labelled(pack: Path, tmp_path: Path) -> None:
    rows = np.array([[1, BICYCLE, 0.8, 5, 6, 25, 36], [2, BICYCLE, 0.2, 50, 60, 70, 80]], np.float32)
    np.savez(tmp_path / "proposals.npz", rows=rows)
    mixture, real = part("mixture"), part("pack").Pack(pack)
    plain, _ = mixture.real_samples(real, None)
    filled, _ = mixture.real_samples(real, tmp_path / "proposals.npz")
    assert not plain[1].known[BICYCLE]
    assert filled[0].known.all()  # the teacher saw none
    assert filled[1].known.all()  # it is sure of all that it saw
    assert filled[1].labels.tolist() == [*plain[1].labels, BICYCLE]
    assert filled[1].boxes[-1].tolist() == [5, 6, 25, 36]
    assert not filled[2].known[BICYCLE]
    assert filled[2].labels.tolist() == plain[2].labels.tolist()


def test_a_label_that_nobody_knows_of_there_is_not_learnt_to_be_absent(pictures: Any) -> None:
    """The pictures do not say where bicycles are: nothing but other objects may push their score down."""
    trainer = part("loop").Trainer(torch.device("cpu"))
    empty = [each._replace(labels=each.labels[:0], boxes=each.boxes[:0]) for each in pictures.real]
    images, targets = batch(pictures._replace(real=empty), 0.0)
    assert not bool(targets.known[..., BICYCLE].any())
    trainer.step(images, targets, share=0.0)
    gradients = [head[-1].weight.grad[BICYCLE] for head in trainer.network.label]
    others = [head[-1].weight.grad[LABELS.index("car")] for head in trainer.network.label]
    assert all(float(each.abs().max()) == 0 for each in gradients)
    assert all(float(each.abs().max()) > 0 for each in others)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """A network, as if trained, so that folding has something to do, and its file."""
    network = part("loop").Trainer(torch.device("cpu")).average
    for name, value in network.named_buffers():
        if "running" in name:
            value.uniform_(0.5, 1.5)
    path = tmp_path_factory.mktemp("trained") / "default.onnx"
    part("export").export(network, path, 416, 256)
    return network, path


def outputs(path: Path, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    boxes, scores = session.run(["boxes", "scores"], {"image": image})
    return boxes, scores


IMAGE = np.random.default_rng(0).integers(0, 256, (1, 256, 416, 3), dtype=np.uint8)
older_exporter = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PyTorch's own warning about it


@older_exporter
def test_the_file_gives_what_the_network_gives(trained: tuple[Any, Path]) -> None:
    network, path = trained
    module = part("network")
    with torch.no_grad():
        pixels = torch.from_numpy(IMAGE).permute(0, 3, 1, 2).float() / 255
        logits, distances = network(pixels)
        wanted = module.to_boxes(distances, *module.cells(256, 416))
    boxes, scores = outputs(path, IMAGE)
    assert boxes == pytest.approx(wanted.numpy(), abs=1e-2)
    kept = [LABELS.index(label) for label in SHIPPED]
    assert scores == pytest.approx(logits.sigmoid().numpy()[..., kept], abs=1e-4)


@older_exporter
def test_small_weights_halve_the_file_and_hardly_change_it(trained: tuple[Any, Path], tmp_path: Path) -> None:
    _, full = trained
    small = tmp_path / "small.onnx"
    small.write_bytes(full.read_bytes())
    part("export").store_small(small)
    assert small.stat().st_size < 0.55 * full.stat().st_size
    for one, two in zip(outputs(full, IMAGE), outputs(small, IMAGE), strict=True):
        assert one == pytest.approx(two, rel=0.02, abs=0.02)


@older_exporter
def test_eight_bits_quarter_the_file_and_keep_scores_and_boxes_apart(
    trained: tuple[Any, Path], pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.train.quantise.PICTURES", 4)
    _, full = trained
    part("quantise").quantise(full, pack, tmp_path / "int8.onnx")
    assert (tmp_path / "int8.onnx").stat().st_size < 0.35 * full.stat().st_size
    boxes, scores = outputs(full, IMAGE)
    coarse_boxes, coarse_scores = outputs(tmp_path / "int8.onnx", IMAGE)
    assert coarse_scores == pytest.approx(scores, abs=0.05)
    assert np.abs(coarse_boxes - boxes).mean() < 4.0


def test_a_head_for_pixels_learns_and_leaves_the_detector_alone(pack: Path, tmp_path: Path) -> None:
    """Bright pixels are told to be vehicles; half a minute of steps would do better than these few."""
    segment, network = part("segment"), part("network")
    detector = part("loop").Trainer(torch.device("cpu")).average
    before = [value.clone() for value in detector.parameters()]
    pictures = part("pack").Pack(pack)
    for i in range(4):
        bright = pictures.image(i).max(axis=2) > 128
        cv2.imwrite(str(tmp_path / f"{i}.png"), np.where(bright, 2, 0).astype(np.uint8))
    windows = segment.Windows(segment.judged_pictures(pictures, tmp_path))
    images, pixels = next(iter(torch.utils.data.DataLoader(windows, 4)))
    assert (images.shape, pixels.shape) == ((4, 320, 320, 3), (4, 80, 80))
    torch.manual_seed(0)
    head = network.PixelHead(3)
    optimiser = torch.optim.AdamW(head.parameters(), lr=2e-3)
    losses = []
    for _ in range(8):
        loss = segment.batch_loss(detector, head, images, pixels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]
    assert all(torch.equal(one, two) for one, two in zip(before, detector.parameters(), strict=True))


@older_exporter
def test_a_file_with_pixels_gives_shares_that_add_up_and_the_same_boxes(
    trained: tuple[Any, Path], tmp_path: Path
) -> None:
    network, plain = trained
    head = part("network").PixelHead(3).eval()
    part("export").export(network, tmp_path / "segment.onnx", 416, 256, head)
    session = onnxruntime.InferenceSession(tmp_path / "segment.onnx", providers=["CPUExecutionProvider"])
    boxes, scores, pixels = session.run(["boxes", "scores", "pixels"], {"image": IMAGE})
    assert pixels.shape == (1, 3, 64, 104)
    assert pixels.sum(axis=1) == pytest.approx(np.ones((1, 64, 104)), abs=1e-4)
    for one, two in zip(outputs(plain, IMAGE), (boxes, scores), strict=True):
        assert one == pytest.approx(two, abs=1e-3)
