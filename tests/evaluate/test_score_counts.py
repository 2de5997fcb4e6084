import numpy as np
import pytest

from edgevision.errors import DataError
from edgevision.evaluate.count_labels import read_labels
from edgevision.evaluate.read_counts import Key, Mark, Total, Truth
from edgevision.evaluate.score_counts import CountScores, KeyScore, mean_error, score_counts


def at(*times: float, kind: str = "crossed_in", label: str = "", name: str = "line") -> list[Mark]:
    return [Mark("c", name, kind, label, time) for time in times]


def score(events: list[Mark], truth: Truth, length: float = 100.0) -> CountScores:
    return score_counts(events, truth, {"c": length}, 1.5)


def row(scores: CountScores, kind: str = "crossed_in") -> KeyScore:
    return next(row for row in scores.rows if row.key.kind == kind)


def test_what_is_missed_and_what_is_too_many_do_not_cancel_out() -> None:
    scores = score(at(10.4, 20.0, 50.0), Truth(at(10.0, 21.5, 80.0)))
    assert (scores.over, scores.under, scores.error) == (1, 1, 0)
    assert [mark.at for mark in row(scores).extra] == [50.0]
    assert [mark.at for mark in row(scores).missed] == [80.0]
    assert row(scores).late == pytest.approx([0.4, -1.5])


def test_who_labels_a_line_labels_both_ways_over_it() -> None:
    scores = score(at(10.0) + at(30.0, kind="crossed_out"), Truth(at(10.0)))
    assert row(scores, "crossed_out").over == 1


def test_what_the_truth_says_nothing_of_is_not_judged() -> None:
    scores = score(at(10.0) + at(30.0, name="other") + at(5.0, kind="dwell"), Truth(at(10.0)))
    assert (scores.over, scores.under) == (0, 0)


def test_nothing_is_judged_beyond_what_is_labelled() -> None:
    truth = Truth(at(10.0, 40.0), until={"c": 40.5})
    scores = score(at(10.0, 41.0, 60.0, 70.0), truth)  # the third and fourth may be right: nobody looked
    assert (scores.over, scores.under) == (0, 0)


def test_totals_alone_give_a_net_error() -> None:
    scores = score(at(1.0, 2.0, 3.0), Truth([], [Total(Key("c", "line", "crossed_in"), "", 5)]))
    assert (scores.error, row(scores).timed, mean_error([row(scores)])) == (-2, False, None)


def test_mean_error_is_that_of_the_bins() -> None:
    # Ten bins of 10 s: in the second 2 are missed, in the fifth 1 is too many: 3 wrong in 10 bins.
    scores = score(at(45.0), Truth(at(12.0, 15.0)))
    mean, low, high = mean_error([row(scores)]) or (0, 0, 0)
    assert scores.bin == 10
    assert mean == pytest.approx(0.3)
    # The mean of 10 bins drawn from 2 1 0 0 0 0 0 0 0 0: the same percentiles by another generator.
    values = np.array([2, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    drawn = np.random.default_rng(7).choice(values, (20_000, 10)).mean(axis=1)
    assert (low, high) == pytest.approx(tuple(np.percentile(drawn, [2.5, 97.5])), abs=0.11)


def test_a_border_between_bins_is_no_error() -> None:
    scores = score(at(20.2), Truth(at(19.8)))
    assert mean_error([row(scores)]) == (0, 0, 0)


def test_a_bin_is_a_minute_where_the_video_is_long_enough() -> None:
    assert score(at(1.0), Truth(at(1.0)), 3600).bin == 60


def test_labels_are_counted_where_the_truth_has_them_all() -> None:
    events = at(1.0, 5.0, label="car") + at(9.0, label="truck")
    truth = Truth(at(1.0, label="car") + at(5.0, 9.0, label="truck"))
    assert row(score(events, truth)).labels == {"car": (2, 1), "truck": (1, 2)}
    assert row(score(events, Truth(at(1.0, label="car") + at(5.0, 9.0)))).labels == {}


def test_coarser_labels_of_the_truth() -> None:
    labels = read_labels(["vehicle=car", "vehicle=truck"])
    known = {"c": labels.coarsened(["car", "truck", "person"])}
    truth = labels.judge(Truth(at(1.0, label="vehicle") + at(2.0, label="dog")), known, {})
    assert [mark.label for mark in truth.marks] == ["vehicle", ""]
    assert "does not know, so not compared: dog" in labels.notes[0]
    assert labels.coarse("truck") == "vehicle"


def test_what_is_not_counted_at_a_line_is_not_demanded() -> None:
    labels = read_labels([])
    truth = Truth(at(1.0, label="car") + at(2.0, label="person") + at(3.0))
    kept = labels.judge(truth, {"c": ["car", "person"]}, {("c", "line"): ["car"]})
    assert [mark.at for mark in kept.marks] == [1.0, 3.0]
    assert "1 of the truth are of classes that are not counted there" in labels.notes[0]


@pytest.mark.parametrize("pairs", [["vehicle"], ["=car"], ["a=b=c"], ["a=car", "b=car"]])
def test_a_map_that_says_nothing_is_told(pairs: list[str]) -> None:
    with pytest.raises(DataError, match="--map"):
        read_labels(pairs)
