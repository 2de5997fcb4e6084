from pathlib import Path

import pytest

from edgevision.errors import DataError
from edgevision.evaluate.read_mot import read_sequences

DETECTED = "2,-1,10,20,30,40,0.9,-1,-1,-1\n2,-1,1,2,3,4,0.05,-1,-1,-1\n"
TRUE = "2,5,11,20,30,40,1,-1,-1,-1\n3,6,1,2,3,4,0,-1,-1,-1\n"
INI = "[Sequence]\nname=square\nframeRate=12.5\nseqLength=3\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file, content in {"seqinfo.ini": INI, "det/det.txt": DETECTED, "gt/gt.txt": TRUE}.items():
        path = tmp_path / "videos" / "square" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path / "videos" / "square"


def test_a_sequence_is_read(folder: Path) -> None:
    (sequence,) = read_sequences(folder.parent)
    assert (sequence.name, sequence.rate) == ("square", 12.5)
    assert [len(moment.seen) for moment in sequence.moments] == [0, 1, 0]  # what scores below 0.1 is not seen
    assert [moment.ids.tolist() for moment in sequence.moments] == [[], [5], []]  # nor is 6 to be judged
    assert sequence.moments[1].seen.boxes.tolist() == [[10, 20, 40, 60]]
    assert sequence.moments[1].boxes.tolist() == [[11, 20, 41, 60]]


def test_one_sequence_may_be_named_itself(folder: Path) -> None:
    assert [sequence.name for sequence in read_sequences(folder)] == ["square"]


def test_an_empty_file_says_that_nothing_is_there(folder: Path) -> None:
    (folder / "det/det.txt").write_text("")
    assert [len(moment.seen) for moment in read_sequences(folder)[0].moments] == [0, 0, 0]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        (
            "seqinfo.ini",
            None,
            r"there is no seqinfo\.ini in it or in its folders; a sequence is seqinfo\.ini",
        ),
        ("seqinfo.ini", "frameRate=10", r"seqinfo\.ini must have \[Sequence\] with numbers for frameRate"),
        ("seqinfo.ini", "[Sequence]\nframeRate=0\nseqLength=9", r"must be above 0, got 0 and 9"),
        (
            "gt/gt.txt",
            None,
            r"gt\.txt does not exist; a sequence is seqinfo\.ini, det/det\.txt and gt/gt\.txt",
        ),
        ("det/det.txt", "1,-1,one,2,3,4,0.5", r"det\.txt: expected rows of numbers with commas between"),
        ("det/det.txt", "1,-1,2,3", r"expected frame, id, left, top, width, height, score; got 4 numbers"),
        ("det/det.txt", "1,-1,2,nan,3,4,0.5", r"det\.txt: a number is missing or infinite"),
        ("det/det.txt", "1,-1,1,2,3,4,57.2", r"scores, the 7th number, must be 0\.\.1, and there is 57\.2"),
        (
            "gt/gt.txt",
            "4,1,1,2,3,4,1",
            r"gt\.txt has frames 4 to 4, seqinfo\.ini says 1 to 3: is it of another",
        ),
    ],
)
def test_what_cannot_be_read_is_said(folder: Path, file: str, content: str | None, message: str) -> None:
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(content)
    with pytest.raises(DataError, match=message):
        read_sequences(folder)


def test_what_is_no_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone is no folder; eval track wants a folder of sequences"):
        read_sequences(tmp_path / "gone")
