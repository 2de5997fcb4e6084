import pytest

from edgevision.errors import DataError
from edgevision.evaluate.names import match_names, read_map

COUNTS = {0: 5, 1: 2, 2: 1}


def test_names_meet_whatever_their_spelling_and_order() -> None:
    labels = ["Traffic-Light", "aeroplane", "tench, Tinca tinca", "kite"]
    matching = match_names(labels, ["tench", "airplane", "traffic light"], COUNTS, {})
    assert matching.theirs.tolist() == [2, 1, 0, -1]
    assert matching.notes == ["the data has no such class, so not in the means: kite"]


def test_what_does_not_meet_is_told_with_how_much_of_it_there_is() -> None:
    matching = match_names(["car", "bus"], ["person", "car", "kite", "bus"], {0: 7, 1: 2, 2: 9}, {})
    assert matching.known == {1, 3}
    assert matching.notes == [
        "not known to the network, so left out of every figure: kite (9), person (7)",
        "in none of these pictures, so left out of the means: bus",
    ]


def test_a_map_goes_before_the_names() -> None:
    given = read_map(["auto=car"])
    matching = match_names(["car", "auto"], ["auto", "car", "x"], COUNTS, given)
    assert matching.theirs.tolist() == [0, -1]


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["auto"], "automobile=car; got 'auto'"),
        (["auot=car"], "data set has no class 'auot'; did you mean 'auto'"),
        (["auto=crar"], "network has no class 'crar'; did you mean 'car'"),
    ],
)
def test_a_bad_map_is_told(pairs: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        match_names(["car"], ["auto", "x", "y"], COUNTS, read_map(pairs))


def test_nothing_in_common_is_an_error_that_shows_both() -> None:
    with pytest.raises(DataError, match=r"network knows car; the data set has auto, x, y: .*--map"):
        match_names(["car"], ["auto", "x", "y"], COUNTS, {})
