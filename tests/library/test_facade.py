import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest

import edgevision
from edgevision import Detections, Drawing, Frames, Line, Zone, annotate, load, open_source
from edgevision.errors import ConfigError, EdgevisionError, ModelError, OutputError, SourceError
from edgevision.inference.detector import load_detector
from edgevision.inference.settings import ModelSettings
from edgevision.opencv import cv2
from edgevision.scene.render import Renderer
from edgevision.scene.world import Scene
from edgevision.sources import Picture
from tests.builders import detections, track
from tests.networks import pooling_network

HEAVY = ["numpy", "cv2", "onnxruntime", "pydantic", "scipy", "fastapi"]


def loaded_after(statement: str) -> list[str]:
    script = f"import sys; {statement}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_import_is_free_and_names_bring_what_they_need() -> None:
    assert loaded_after("import edgevision; dir(edgevision)") == []
    assert loaded_after("import edgevision; edgevision.Tracker") == ["numpy"]


def test_each_name_is_there_and_is_what_type_checkers_are_told() -> None:
    told = set()
    for line in Path(edgevision.__file__).read_text().splitlines():
        if line.startswith("    from edgevision."):
            module, names = line.strip().removeprefix("from ").split(" import ")
            told |= {(module, name) for name in names.split(", ")}
    assert {name for _, name in told} == set(edgevision.__all__) <= set(dir(edgevision))
    for module, name in told:
        assert getattr(edgevision, name) is getattr(sys.modules[module], name)


def test_another_name_is_refused_as_usual() -> None:
    with pytest.raises(AttributeError, match="'edgevision' has no attribute 'Trackr'"):
        edgevision.Trackr  # type: ignore[attr-defined]  # noqa: B018


def test_a_network_sees_what_the_service_sees() -> None:
    image = Renderer(Scene(seed=1)).frame(3.0)
    network = load("builtin:drawn", confidence=0.5)
    service = load_detector(ModelSettings(path="builtin:drawn"), Path(), 1).detect(image, 0.5)
    found = network(image)
    assert len(found) > 3
    np.testing.assert_array_equal(found.boxes, service.boxes)
    assert found.labels == network.labels
    assert found[:1].labels == network.labels
    assert {network.labels[number] for number in found.class_ids} <= {"car", "truck", "bus", "person"}
    only = load("builtin:drawn", classes=["truck"], confidence=0.1)(Renderer(Scene(seed=1)).frame(10.0))
    assert [only.names()[number] for number in only.class_ids] == ["truck"]
    assert "input=416x256" in repr(network)


def test_what_is_no_picture_is_refused() -> None:
    network = load("builtin:drawn")
    with pytest.raises(
        ValueError, match=r"uint8 of shape \(height, width, 3\), in BGR, got float64 of shape \(9, 9, 3\)"
    ):
        network(np.zeros((9, 9, 3)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"got uint8 of shape \(9, 9\)"):
        network(np.zeros((9, 9), np.uint8))


def test_a_network_that_finds_no_objects_is_refused(tmp_path: Path) -> None:
    path = pooling_network(tmp_path / "kinds.onnx", ("Softmax", {"axis": 1}))
    with pytest.raises(ModelError, match="does not find objects"):
        load(path, labels=["a", "b", "c"])


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: load("none.onnx"), ConfigError, "^edgevision.load: path: none.onnx does not exist$"),
        (lambda: load(confidence=3), ConfigError, "edgevision.load: confidence"),
        (lambda: Line((0, 0), (1, 7)), ConfigError, "^edgevision.Line: to: a coordinate is a share"),
        (lambda: Line((0, 1), (0, 1)), ConfigError, "edgevision.Line: the line has no length"),
        (lambda: Zone([(0, 0), (1, 1)]), ConfigError, "edgevision.Zone: polygon: .* 3 points, got 2"),
        (lambda: open_source("none.mp4"), SourceError, "none.mp4 does not exist"),
        (lambda: open_source("synthetic:moon"), EdgevisionError, "synthetic:carpark"),
        (lambda: Drawing(np.zeros((4, 4, 3), np.uint8)).save("none/a.png"), OutputError, "none/a.png"),
        (lambda: Drawing(np.zeros((4, 4, 3), np.uint8)).save("a.nothing"), OutputError, "a.nothing"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_a_sentence(
    call: Callable[[], object],
    kind: type[EdgevisionError],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind, match=message):
        call()


def test_a_source_gives_frames_again_at_each_loop(tmp_path: Path) -> None:
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((4, 6, 3), number, np.uint8))
    frames = open_source(f"images:{tmp_path}?fps=2", name="folder")
    for _ in range(2):
        seen = list(frames)
        assert [(frame.index, frame.ts, int(frame.image[0, 0, 0])) for frame in seen] == [
            (0, 0.0, 0), (1, 0.5, 1), (2, 1.0, 2)]  # fmt: skip
        assert {(frame.camera, frame.size) for frame in seen} == {("folder", (6, 4))}


def test_times_rise_even_where_the_source_repeats_itself() -> None:
    class Twice:
        live = False
        frame_rate: float | None = None

        def pictures(self, stop: Event) -> Iterator[Picture]:
            for ts in (1.0, 1.0, 0.5, 2.0):
                yield Picture(np.zeros((2, 2, 3), np.uint8), ts, captured=9.0)

    times = [frame.ts for frame in Frames(Twice(), "a")]
    assert times == sorted(set(times))
    assert times[-1] == 2.0


def test_a_line_and_a_zone_have_all_settings_of_the_service() -> None:
    across = Line((0.0, 0.5), (1.0, 0.5), anchor="center", hold=0.0, classes={"car"})
    kinds = []
    for step in range(12):
        y = 20 + 6 * step  # px of 100: the middle of the box, 5 px above, passes 50 after the 6th step
        found = across.update([track(50, y, side=10)], step / 10, edgevision.Size(100, 100))
        kinds += [(finding.kind, finding.at) for finding in found]
    assert [kind for kind, _ in kinds] == ["crossed_in"]
    inside = Zone(((0, 0), (1, 0), (1, 1)), hold=0.0)
    inside.update([track(80, 20), track(20, 80, id=2)], 0.0, edgevision.Size(100, 100))
    assert inside.occupancy() == 1


def test_a_table_is_bounded_and_safe() -> None:
    many = Detections(
        np.tile(np.array([1, 2, 30.6, 40], np.float32), (25, 1)), np.linspace(0.9, 0.5, 25, dtype=np.float32),
        np.zeros(25, np.int32), labels=["<script>"],
    )  # fmt: skip
    table = many._repr_html_()
    assert table.count("<tr>") == 1 + 20
    assert "and 5 more" in table
    assert "<td>&lt;script&gt;</td><td>0.90</td><td>1</td><td>2</td><td>31</td><td>40</td>" in table
    assert "<script>" not in table
    nameless = detections((0, 0, 1, 1), class_id=7)._repr_html_()
    assert "<td>7</td>" in nameless
    assert "more" not in nameless
    assert Detections.empty()._repr_html_().count("<tr>") == 1


def test_a_notebook_is_shown_the_drawing(tmp_path: Path) -> None:
    image = np.full((900, 2560, 3), 90, np.uint8)
    before = image.copy()
    boxes = detections((100, 100, 1200, 800))
    drawing = annotate(image, boxes, Zone([(0, 0), (1, 0), (1, 1)]), Line((0, 0.5), (1, 0.5)))
    np.testing.assert_array_equal(image, before)
    assert drawing.image.shape == image.shape
    assert repr(drawing) == "Drawing(2560x900)"
    shown = cv2.imdecode(np.frombuffer(drawing._repr_png_(), np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape == (450, 1280, 3)
    plain = annotate(image, boxes).image
    assert (plain[99:103, 400:800] != 90).any()  # the upper side of the box
    assert (drawing.image[448:453, 1300:2000] != plain[448:453, 1300:2000]).any()  # the line
    drawing.save(tmp_path / "a.png")
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / "a.png")), drawing.image)


def test_nothing_found_leaves_the_picture_as_it_is() -> None:
    image = np.full((90, 160, 3), 90, np.uint8)
    np.testing.assert_array_equal(annotate(image, []).image, image)
    np.testing.assert_array_equal(annotate(image, Detections.empty()).image, image)
