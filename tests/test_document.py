from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.document import MAX_BYTES, parse, read
from edgevision.errors import ConfigError


def test_only_true_and_false_are_booleans_and_numbers_are_plain() -> None:
    text = "a: NO\nb: 12:30:00\nc: 010\nd: true\ne: 0.5\nf: -3\ng: ~\nh: 2026-11-21\ni: on\nj: 1_000\nk: ''\n"
    assert parse(text, "x.yaml").data == {
        "a": "NO",
        "b": "12:30:00",
        "c": "010",
        "d": True,
        "e": 0.5,
        "f": -3,
        "g": None,
        "h": "2026-11-21",
        "i": "on",
        "j": "1_000",
        "k": "",
    }


def test_every_key_has_its_line() -> None:
    file = parse("a:\n  b:\n    - c: 1\n      d: 2\n", "x.yaml")
    assert file.where("a", "b", 0, "d") == "x.yaml:4: a.b[0].d"
    assert file.where("a", "b", 0, "missing") == "x.yaml:3: a.b[0].missing"


def test_a_key_that_stands_twice_is_told_with_both_lines() -> None:
    file = parse("a: 1\nb: 2\na: 3\n", "x.yaml")
    assert file.problems == [(("a",), "this key stands twice, in line 1 and in line 3")]
    assert file.data == {"a": 1, "b": 2}


def test_variables_are_filled_in_and_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-a-file\n")
    text = f"a: x ${{NAME}} y\nb: ${{file:{tmp_path / 'secret'}}}\nc: ${{NUMBER}}\n"
    file = parse(text, "x.yaml", {"NAME": "value", "NUMBER": "5"})
    assert file.data == {"a": "x value y", "b": "from-a-file", "c": "5"}


def test_a_password_in_a_url_is_made_fit_for_it() -> None:
    file = parse("a: rtsp://u:${PW}@cam/1\nb: ${PW}\n", "x.yaml", {"PW": "p@ss:w/rd 1%"})
    assert file.data == {"a": "rtsp://u:p%40ss%3Aw%2Frd%201%25@cam/1", "b": "p@ss:w/rd 1%"}
    in_query = parse("a: rtsp://cam/1?password=${PW}", "x.yaml", {"PW": "a&b c%"})
    assert in_query.data == {"a": "rtsp://cam/1?password=a%26b%20c%25"}


def test_a_password_that_is_encoded_already_stays() -> None:
    assert parse("a: rtsp://u:${PW}@cam/1", "x.yaml", {"PW": "p%40ss"}).data["a"] == "rtsp://u:p%40ss@cam/1"


def test_what_is_missing_is_told_and_the_rest_is_still_read() -> None:
    file = parse("a: ${NOPE}\nb: ${file:/no/such/file}\nc: 1\n", "x.yaml", {})
    assert file.problems == [
        (("a",), "the environment variable NOPE is not set"),
        (("b",), "cannot read /no/such/file: No such file or directory"),
    ]
    assert file.data["c"] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x [1]\nb: *x\n", "aliases"),
        ("a: !!python/object/apply:os.system ['true']\n", "tag"),
    ],
)
def test_what_yaml_allows_and_we_do_not(text: str, message: str) -> None:
    assert message in str(parse(text, "x.yaml").problems)


def test_a_bomb_of_aliases_does_not_unfold() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert len(str(parse("\n".join(lines), "x.yaml").data)) < 10_000


def test_a_bomb_of_aliases_in_a_key_does_not_unfold() -> None:
    """What Python shows of a list as a key unfolds: 9 to the power of 8 times "x" here."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    file = parse("\n".join([*lines, "? [*a8]", ": 1"]), "x.yaml")
    assert ((), "a key must be text, not a list or keys with values") in file.problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('a: "x\\0y"', "this text has characters that cannot be printed"),
        ('a: "\\ud800"', "this text has characters that cannot be printed"),
        ('"a\\e": 1', "the key 'a\\x1b' has characters that cannot be printed"),
        ("a: 1.0e999", "this number is too large"),
        ("a: ${PW}", "this text has characters that cannot be printed"),
        ("a: ${file:/dev/zero}", "'/dev/zero' is larger than 64 KiB: is it the right file?"),
    ],
)
def test_values_that_would_fail_later_are_told(text: str, problem: str) -> None:
    assert [what for _, what in parse(text, "x.yaml", {"PW": "a\udcffb"}).problems] == [problem]


def test_a_number_of_5000_digits_is_text() -> None:
    assert parse("a: " + "1" * 5000, "x.yaml").data == {"a": "1" * 5000}


def test_a_secret_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe")
    problems = parse(f"a: ${{file:{tmp_path / 'secret'}}}", "x.yaml").problems
    assert "is not a text file in UTF-8" in problems[0][1]


def test_a_file_without_end_is_not_read_to_it() -> None:
    with pytest.raises(ConfigError, match="/dev/zero is larger than 256 KiB"):
        read(Path("/dev/zero"))


def test_depth_is_limited() -> None:
    assert "nested deeper than 20 levels" in str(parse("[" * 30 + "]" * 30, "x.yaml").problems)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: [1,\n", r"x\.yaml:2: not valid YAML"),
        (b"a: [1,\nb: 2", r"x\.yaml:2: not valid YAML"),
        (b"a: [\n", r"x\.yaml:2: not valid YAML"),  # it ends behind the last line
        (b"a: {b: rtsp://${PW}@cam/1}", r"x\.yaml:1: not valid YAML.*text with \$\{\.\.\.\} .* needs quotes"),
        (b"\xff\xfe\x00", "not a text file in UTF-8"),
        (b"a: 1\n" * (MAX_BYTES // 5 + 1), "is larger than 256 KiB"),
        (b"[" * 5000 + b"]" * 5000, "not valid YAML"),
    ],
)
def test_what_is_no_yaml_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        read(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read .*nope\.yaml: No such file or directory"):
        read(tmp_path / "nope.yaml")


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read_or_refused_in_words(text: str) -> None:
    try:
        parse(text, "x.yaml", {})
    except ConfigError as error:
        assert str(error).startswith("x.yaml")  # noqa: PT017 - either outcome is right


def test_secrets_come_from_systemds_credentials_too(tmp_path: Path) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "GATE").write_text("from systemd\n")
    (tmp_path / "outside").write_text("nobody's business")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials"), "BOTH": "of the environment"}
    (tmp_path / "credentials" / "BOTH").write_text("of systemd")
    assert parse("a: ${GATE}\nb: ${BOTH}", "x.yaml", environ).data == {
        "a": "from systemd",
        "b": "of the environment",
    }
    file = parse("a: ${../outside}\nb: ${NONE}", "x.yaml", environ)
    assert [text for _, text in file.problems] == [
        "the environment variable ../outside is not set",
        "the environment variable NONE is not set",
    ]
