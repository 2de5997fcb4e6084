"""Good and bad configurations; of the bad ones the whole message, since that is what a user works with."""

import json
from pathlib import Path

import pytest

from edgevision.builtin import builtin_path
from edgevision.config import Config, LoadedConfig, check, load
from edgevision.document import parse
from edgevision.errors import ConfigError
from edgevision.sight import ALWAYS, KINDS, kinds_for

CONFIGS = sorted(builtin_path("configs").glob("*.yaml"))
GOOD = """
models:
  vehicles: {classes: [car]}
cameras:
  gate:
    source: rtsp://viewer:${PW}@camera/1
    fps: 10
    stall_timeout: 1500ms
    start: 2026-11-21T08:00:00+01:00
    lines:
      entrance: {from: [0.05, 0.6], to: [0.95, 0.6]}
    zones:
      lot: {polygon: [[0, 0], [1, 0], [1, 1]], hold: 2m}
outputs:
  - {type: jsonl, path: events.jsonl}
"""


def config(text: str, base: Path = Path("/nowhere")) -> LoadedConfig:
    return check(parse(text, "x.yaml", {"PW": "secret"}), base)


def problems(text: str, base: Path = Path("/nowhere")) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        config(text, base)
    return caught.value.problems


def test_a_good_one() -> None:
    settings = config(GOOD).settings
    gate = settings.cameras["gate"]
    assert (gate.fps, gate.stall_timeout, gate.open_timeout) == (10, 1.5, 5.0)
    assert gate.start.timestamp() == 1795244400
    assert {(kind, name): each.hold for kind, name, each in gate.analytics() if kind == "zone"} == {
        ("zone", "lot"): 120
    }
    assert settings.model_of("gate") == "vehicles"
    assert settings.http
    assert settings.http.endpoint() == ("127.0.0.1", 9108)


def test_the_least_there_can_be() -> None:
    settings = config("cameras: {a: {source: synthetic:carpark}}").settings
    assert settings.model_of("a") == "default"
    assert settings.models["default"].path == "builtin:default"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_the_examples_load(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GATE_PASSWORD", "CAMERA_PASSWORD"):
        monkeypatch.setenv(name, "secret")
    assert load(path).settings.cameras


def test_the_demo_configuration_names_every_key() -> None:
    """It is the manual: what can be set is in it, be it as a comment."""
    text = builtin_path("configs/demo.yaml").read_text()
    schema = Config.model_json_schema()
    parts = [schema, *schema["$defs"].values()]
    keys = {key for part in parts for key in part.get("properties", {})}
    assert {key for key in keys if f"{key}:" not in text} == set()


@pytest.mark.parametrize(
    ("tiles", "expected"),
    [
        ("auto", (None, None, 0.2, True)),
        ("3x2", (3, 2, 0.2, True)),
        ("{columns: 4, rows: 1, overlap: 0.3, whole: false}", (4, 1, 0.3, False)),
    ],
)
def test_tiles_in_words_and_as_keys(tiles: str, expected: tuple[object, ...]) -> None:
    found = config(CAMERA + f"    tiles: {tiles}").settings.cameras["gate"].tiles
    assert found
    assert (found.columns, found.rows, found.overlap, found.whole) == expected


def test_the_schema_is_json_and_knows_the_analytics() -> None:
    schema = json.loads(json.dumps(Config.model_json_schema()))
    assert {"lines", "zones"} <= schema["$defs"]["Camera"]["properties"].keys()


CAMERA = "cameras:\n  gate:\n    source: synthetic:carpark\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1: expected keys with values, got nothing"),
        ("cameras: {}", "1: cameras: at least 1 is needed"),
        (
            CAMERA + "camera: 1",
            "4: camera: unknown key; did you mean 'cameras'?; allowed",
        ),
        (CAMERA + "    fsp: 5", "4: cameras.gate.fsp: unknown key; did you mean 'fps'?"),
        (CAMERA + "    fps: fast", "4: cameras.gate.fps: expected a number, got 'fast'"),
        (CAMERA + "    fps: true", "4: cameras.gate.fps: expected a number, got true"),
        (
            CAMERA + "    fps: 5\n    fps: 6",
            "4: cameras.gate.fps: this key stands twice, in line 4 and",
        ),
        (
            CAMERA + "    start: noon",
            "4: cameras.gate.start: expected a time such as 2026-11-21T08:00",
        ),
        (
            CAMERA + "    stall_timeout: 3 sec",
            "4: cameras.gate.stall_timeout: expected a duration such as ",
        ),
        (
            CAMERA
            + "    lines: {in: {from: [0, 0], to: [1, 1]}}\n    speeds: {s: {lines: [in, ot], metres: 5}}",
            "5: cameras.gate.speeds.s.lines[1]: there is no line 'ot'; there are in",
        ),
        (
            CAMERA + "    lines: {in: {from: [0, 0], to: [1, 1]}}\n    trips: {t: {places: [inn, in]}}",
            "5: cameras.gate.trips.t.places[0]: there is no line or zone 'inn'; did you mean 'in'?",
        ),
        (CAMERA + "    model: w", "4: cameras.gate.model: there is no model 'w'; there are default"),
        (
            CAMERA + "models: {a: {}, b: {}}",
            "2: cameras.gate.model: say which of the models a, b to use",
        ),
        (CAMERA + "models: {a: {path: no.onnx}}", "4: models.a.path: /nowhere/no.onnx does not exist"),
        (
            CAMERA + "models: {a: {path: 'builtin:best'}}",
            "4: models.a.path: there is no built-in network 'best'; there are default, default_int8",
        ),
        (
            CAMERA + "models: {a: {device: gpu}}",
            "4: models.a.device: expected 'auto', 'cpu', 'cuda' or ",
        ),
        (
            CAMERA + "models: {a: {labels: 5}}",
            "4: models.a.labels: expected a list, got 5, or expected t",
        ),
        ("cameras: {a: {}}", "1: cameras.a.source: this key is required"),
        ("cameras: {a: {source: 0}}", "1: cameras.a.source: expected text, got 0"),
        (
            "cameras: {a: {source: no.mp4}}",
            "1: cameras.a.source: /nowhere/no.mp4 does not exist; expected",
        ),
        (
            "cameras: {a: {source: 'ftp://x'}}",
            "1: cameras.a.source: unknown scheme 'ftp'; expected rtsp:",
        ),
        (
            "cameras: {'a b': {source: 'synthetic:x'}}",
            "1: cameras.a b: a name is 1 to 32 letters, digits, - or _",
        ),
        (
            CAMERA + "    source2: '${NOPE}'",
            "4: cameras.gate.source2: the environment variable NOPE is not set, or unknown key",
        ),
        (
            CAMERA + "    lines:\n      a: {from: [0.1, 1.2], to: [0.5, 0.5]}",
            "5: cameras.gate.lines.a.from[1]: a coordinate is a share of the frame from its top left",
        ),
        (
            CAMERA + "    lines:\n      a: {from: [0.5, 0.5], to: [0.5, 0.5]}",
            "5: cameras.gate.lines.a: the line has no length: `from` and `to` are the same point",
        ),
        (
            CAMERA + "    lines:\n      a: {from: 0.5, to: [0.5, 0.5]}",
            "5: cameras.gate.lines.a.from: expected a point [x, y], got 0.5",
        ),
        (
            CAMERA + "    zones:\n      a: {polygon: [[0, 0], [1, 1]]}",
            "5: cameras.gate.zones.a.polygon: an area needs at least 3 points, got 2",
        ),
        (
            CAMERA
            + "    lines: {a: {from: [0, 0], to: [1, 1]}}\n    zones: {a: {polygon: [[0,0],[1,0],[1,1]]}}",
            "5: cameras.gate.zones.a: one of lines has this name already; choose another",
        ),
        (
            CAMERA + "    tiles: 3 by 2",
            "4: cameras.gate.tiles: expected auto, columns x rows such as 3x2, or keys with values, got '3 b",
        ),
        (
            CAMERA + "    tiles: 1x1",
            "4: cameras.gate.tiles: one tile is the whole frame: leave `tiles` out",
        ),
        (
            CAMERA + "    tiles: {columns: 3}",
            "4: cameras.gate.tiles: say both `columns` and `rows`, or neither",
        ),
        (
            CAMERA + "    tiles: {columns: 3, rows: 2, overlap: 0.7}",
            "4: cameras.gate.tiles.overlap: expected less than or equal to 0.5, got 0.7",
        ),
        (
            CAMERA + "    tiles: {colums: 3, rows: 2}",
            "4: cameras.gate.tiles.colums: unknown key; did you mean 'columns'?; allowed are columns, rows,",
        ),
        (
            CAMERA + "    outlines: [polygon]",
            "4: cameras.gate.outlines[0]: expected 'polygons' or 'rle', got 'polygon'",
        ),
        (
            CAMERA + "    areas:\n      a: {polygon: [[0,0],[1,0],[1,1]]}",
            "5: cameras.gate.areas.a.classes: this key is required",
        ),
        (
            CAMERA
            + "outputs: [{type: video, camera: gate, path: x.mp4, redact: {classes: [a], how: smear}}]",
            "4: outputs[0].redact.how: expected 'fill', 'pixelate' or 'blur', got 'smear'",
        ),
        (
            CAMERA + "    then: {kind: {model: kinds}}",
            "4: cameras.gate.then.kind.model: there is no model 'kinds'; there are default",
        ),
        (
            CAMERA + "    looks:\n      a: {model: defaut, polygon: [[0, 0], [1, 0], [1, 1]]}",
            "5: cameras.gate.looks.a.model: there is no model 'defaut'; did you mean 'default'?; there are",
        ),
        (
            CAMERA + "    then: {kind: {model: default, evry: 1s}}",
            "4: cameras.gate.then.kind.evry: unknown key; did you mean 'every'?; allowed are model, classes,",
        ),
        (
            CAMERA + "    then: {a: {model: default}}\n    lines: {a: {from: [0, 0], to: [1, 1]}}",
            "4: cameras.gate.then.a: one of lines has this name already; choose another",
        ),
        (
            CAMERA + "    looks: {a: {model: default, polygon: [[0, 0], [0.5, 0.5], [1, 1]]}}",
            "4: cameras.gate.looks.a.polygon: there is nothing inside: the points lie on one line",
        ),
        (
            CAMERA + "outputs: [{type: kafka}]",
            "4: outputs[0]: expected `type:` to be one of 'jsonl', 'sq",
        ),
        (CAMERA + "outputs: [{path: x}]", "4: outputs[0]: expected `type:` to be one of "),
        (
            CAMERA + "outputs: [{type: video, camera: gat, path: x.mp4}]",
            "4: outputs[0].camera: there is no camera 'gat'; did you mean 'gate'?; there are gate",
        ),
        (
            CAMERA + "outputs: [{type: evidence, folder: a}, {type: evidence, folder: a, kinds: [dwell]}]",
            "4: outputs[1].folder: another output has this folder; give each its own",
        ),
        (
            CAMERA + "outputs: [{type: evidence, folder: a, clip: {befor: 5s}}]",
            "4: outputs[0].clip.befor: unknown key; did you mean 'before'?; allowed are before, after",
        ),
        (
            CAMERA + "outputs: [{type: evidence, folder: a, clip: {after: 2m}}]",
            "4: outputs[0].clip.after: ",
        ),
        (
            CAMERA + "outputs: [{type: evidence, folder: a, most: lots}]",
            "4: outputs[0].most: expected a size such as 500MB or 2GB, got 'lots'",
        ),
        (
            CAMERA
            + "    heatmaps: {floor: {}}\n"
            + "outputs: [{type: heatmap, camera: gate, heatmap: flor, path: a.png}]",
            "5: outputs[0].heatmap: there is no heatmap 'flor'; did you mean 'floor'?; there are floor",
        ),
        (
            CAMERA + "    queues: {q: {polygon: [[0,0],[1,0],[1,1]], front: [[0, 0]]}}",
            "4: cameras.gate.queues.q.front: expected two points [[x, y], [x, y]], got [[0, 0]]",
        ),
        (
            CAMERA + "    queues: {q: {polygon: [[0,0],[1,0],[1,1]], front: [[0, 0], [0, 1.5]]}}",
            "4: cameras.gate.queues.q.front[1][1]: a coordinate is a share of the frame",
        ),
        (
            CAMERA + "    zones: {q: {polygon: [[0,0],[1,0],[1,1]], crowd: {above: 3, below: 4}}}",
            "4: cameras.gate.zones.q.crowd: `below` must not be more than `above`, got 4 and 3",
        ),
        (
            CAMERA + "    queues: {q: {polygon: [[0,0],[1,0],[1,1]]}}\n    heatmaps: {q: {}}",
            "5: cameras.gate.heatmaps.q: one of queues has this name already; choose another",
        ),
        (
            "cameras: {a: {source: %s}}" % ("x" * 5000),
            "1: cameras.a.source: cannot look at /nowhere/xxx",
        ),
        (
            CAMERA + "    stall_timeout: 2h",
            "4: cameras.gate.stall_timeout: expected less than or equal to 3600, got 7200.0",
        ),
        (
            CAMERA + "    start: 0001-01-01T00:00:00+14:00",
            "4: cameras.gate.start: expected a time between the years 1970 and 3000",
        ),
        (
            CAMERA + "outputs: [{type: sqlite, path: a, size: %sMB}]" % ("9" * 400),
            "4: outputs[0].size: expected a size such as 500MB or 2GB",
        ),
        (
            CAMERA + "http: {hosts: ['http://x']}",
            "4: http.hosts[0]: expected a name such as box.example, without http:// and port, got 'http://x'",
        ),
        (
            CAMERA + "http: {listen: here}",
            "4: http: expected address:port such as 127.0.0.1:9108, got ",
        ),
        (
            CAMERA + "http: {listen: 127.0.0.1:99999}",
            "4: http: expected address:port such as 127.0.0.1",
        ),
        (
            CAMERA + "http: {listen: '0.0.0.0:9108'}",
            "4: http: listen: 0.0.0.0 is open to the network, wh",
        ),
        (
            CAMERA + "http: {listen: ':9108'}",
            "4: http: listen: 0.0.0.0 is open to the network, which ne",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_is_allowed(text: str, expected: str) -> None:
    found = problems(text)
    assert len(found) == 1
    assert found[0].startswith(f"x.yaml:{expected}"), found[0]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    found = problems(
        """
models:
  v: {path: missing.onnx}
cameras:
  gate:
    source: rtsp://u:${UNSET}@camera/1
    model: w
    colour: true
    lines:
      a: {from: [2, 0], to: [0, 1]}
outputs:
  - {type: nothing}
http: {listen: 1.2.3.4}
"""
    )
    assert [problem.split(": ")[:2] for problem in found] == [
        ["x.yaml:3", "models.v.path"],
        ["x.yaml:6", "cameras.gate.source"],
        ["x.yaml:7", "cameras.gate.model"],
        ["x.yaml:8", "cameras.gate.colour"],
        ["x.yaml:10", "cameras.gate.lines.a.from[0]"],
        ["x.yaml:12", "outputs[0]"],
        ["x.yaml:13", "http"],
    ]


def test_an_open_address_with_a_token_is_fine() -> None:
    text = CAMERA + "http: {listen: '0.0.0.0:9108', token: sixteen-letters-or-more}"
    assert config(text).settings.http


def test_a_camera_may_have_the_name_of_a_key() -> None:
    found = problems("cameras:\n  source:\n    source: synthetic:carpark\n    fsp: 5")
    assert found[0].startswith("x.yaml:4: cameras.source.fsp: unknown key; did you mean 'fps'?")


@pytest.mark.parametrize(
    ("written", "live", "file"),
    [
        ("auto", KINDS, ALWAYS),
        ("on", KINDS, KINDS),
        ("true", KINDS, KINDS),
        ("off", (), ()),
        ("false", (), ()),
        ("'off'", (), ()),
        ("[moved, dark]", ("moved", "dark"), ("moved", "dark")),
    ],
)
def test_what_of_a_view_is_judged(written: str, live: tuple[str, ...], file: tuple[str, ...]) -> None:
    settings = config(f"cameras: {{a: {{source: synthetic:carpark, sight: {written}}}}}").settings
    setting = settings.cameras["a"].sight
    assert (kinds_for(setting, live=True), kinds_for(setting, live=False)) == (live, file)
    plain = config("cameras: {a: {source: synthetic:carpark}}").settings.cameras["a"]
    assert (kinds_for(plain.sight, live=True), kinds_for(plain.sight, live=False)) == (KINDS, ALWAYS)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("sometimes", "expected auto, on, off or a list of covered, dark, frozen, defocused, moved"),
        ("[dark, blind]", "'covered', 'dark', 'frozen', 'defocused'"),
        ("5", "list"),
    ],
)
def test_a_view_that_is_to_be_judged_by_something_else(written: str, expected: str) -> None:
    (problem,) = problems(f"cameras: {{a: {{source: synthetic:carpark, sight: {written}}}}}")
    assert problem.startswith("x.yaml:1: cameras.a.sight")
    assert expected in problem


def test_sight_is_the_name_of_the_cameras_own_events() -> None:
    (problem,) = problems(GOOD.replace("entrance:", "sight:"))
    assert "one of the camera's own events has this name already" in problem
