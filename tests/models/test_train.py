"""The training recipe, where PyTorch is installed."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from edgevision.scene.render import Renderer
from edgevision.scene.world import LABELS, Scene

torch = pytest.importorskip("torch", reason="PyTorch is needed for training only: pip install -e .[train]")


@pytest.fixture(scope="module")
def data() -> ModuleType:
    return import_module("models.train.data")


@pytest.fixture(scope="module")
def loop() -> ModuleType:
    return import_module("models.train.loop")


def samples(data: ModuleType) -> list[object]:
    """Four pictures of one scene, fitted into the network's input."""
    scene, rng = Scene(2, 20.0), np.random.default_rng(0)
    renderer = Renderer(scene)
    found = []
    for t in (3.0, 8.0, 13.0, 18.0):
        truth = scene.truth(t)
        labels = np.array([LABELS.index(label) for label in truth.labels])
        found.append(data.change(renderer.frame(t), labels, truth.boxes, rng, True))
    return found


def test_two_steps_change_every_weight_and_keep_the_loss_finite(data: ModuleType, loop: ModuleType) -> None:
    trainer = loop.Trainer(torch.device("cpu"))
    before = {name: value.clone() for name, value in trainer.network.named_parameters()}
    losses = [trainer.step(*data.collate(samples(data)), share=0.0) for _ in range(2)]
    assert all(bool(torch.isfinite(loss.total)) for loss in losses)
    unchanged = [
        name for name, value in trainer.network.named_parameters() if torch.equal(value, before[name])
    ]
    assert unchanged == []
    assert trainer.progress.step == 2


def test_a_picture_learnt_by_heart_gives_a_falling_loss(data: ModuleType, loop: ModuleType) -> None:
    trainer = loop.Trainer(torch.device("cpu"))
    batch = data.collate(samples(data))
    losses = [float(trainer.step(*batch, share=0.0).total.detach()) for _ in range(12)]
    assert np.mean(losses[-3:]) < 0.9 * np.mean(losses[:3])


def test_a_checkpoint_goes_on_exactly_where_it_was(
    data: ModuleType, loop: ModuleType, tmp_path: Path
) -> None:
    batch = data.collate(samples(data))
    first = loop.Trainer(torch.device("cpu"))
    first.step(*batch, share=0.0)
    first.save(tmp_path / "checkpoint.pt")
    second = loop.Trainer(torch.device("cpu"))
    second.load(tmp_path / "checkpoint.pt")
    one, two = (float(trainer.step(*batch, share=0.1).total.detach()) for trainer in (first, second))
    assert one == two
    assert second.progress.step == 2


@pytest.mark.parametrize("seed", range(8))
def test_boxes_follow_the_picture_through_scaling_and_mirroring(data: ModuleType, seed: int) -> None:
    image = np.zeros((540, 960, 3), np.uint8)
    image[200:300, 400:560] = 255
    labels, boxes = np.array([1]), np.array([[400, 200, 560, 300]], np.float32)
    placed = data._place(image, labels, boxes, np.random.default_rng(seed), seed % 2 == 0)
    bright = np.argwhere(placed.image.min(axis=2) > 127)
    if len(placed.labels) == 0:
        assert len(bright) < 300
        return
    (y0, x0), (y1, x1) = bright.min(axis=0), bright.max(axis=0) + 1
    inside = np.clip(placed.boxes[0], 0, (data.WIDTH, data.HEIGHT, data.WIDTH, data.HEIGHT))
    assert inside == pytest.approx((x0, y0, x1, y1), abs=1.0)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PyTorch's own, about its older exporter
def test_the_exported_file_gives_what_the_network_gives(loop: ModuleType, tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    export, network = import_module("models.train.export"), import_module("models.train.network")
    trainer = loop.Trainer(torch.device("cpu"))
    for name, value in trainer.average.named_buffers():  # as if trained, so that folding has something to do
        if "running" in name:
            value.uniform_(0.5, 1.5)
    image = np.random.default_rng(0).integers(0, 256, (1, 256, 416, 3), dtype=np.uint8)
    with torch.no_grad():
        pixels = torch.from_numpy(image).permute(0, 3, 1, 2).float() / 255
        logits, distances = trainer.average(pixels)
        wanted = network.to_boxes(distances, *network.cells(256, 416))
    export.export(trainer.average, tmp_path / "small.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "small.onnx", providers=["CPUExecutionProvider"])
    boxes, scores = session.run(["boxes", "scores"], {"image": image})
    assert boxes == pytest.approx(wanted.numpy(), abs=1e-2)
    assert scores == pytest.approx(logits.sigmoid().numpy(), abs=1e-4)
