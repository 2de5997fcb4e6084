import pytest

from edgevision.core.moments import next_due
from edgevision.core.votes import Votes


def counted(*labels: str, weight: float = 0.9) -> Votes:
    votes = Votes()
    for label in labels:
        votes.add(label, weight)
    return votes


def test_without_votes_there_is_no_verdict() -> None:
    assert Votes().verdict() is None


def test_one_look_in_five_that_is_wrong_changes_nothing_wherever_it_comes() -> None:
    for wrong in ([0, 5, 10, 15], [16, 17, 18, 19], [3, 4, 11, 12]):
        labels = ["car" if number in wrong else "taxi" for number in range(20)]
        verdict = counted(*labels).verdict()
        assert verdict
        assert (verdict.label, verdict.seen) == ("taxi", 20)
        assert verdict.share == pytest.approx(16 / 20)


def test_a_surer_look_is_worth_more() -> None:
    votes = counted("car", "car", weight=0.2)
    votes.add("taxi", 0.9)
    verdict = votes.verdict()
    assert verdict
    assert verdict.label == "taxi"
    assert verdict.share == pytest.approx(0.9 / 1.3)


def test_of_equals_the_first_stays() -> None:
    verdict = counted("car", "taxi").verdict()
    assert verdict
    assert (verdict.label, verdict.share) == ("car", 0.5)


@pytest.mark.parametrize(("every", "per_second"), [(1.0, 1), (0.25, 4), (0.3, 10 / 3), (0.0, 10)])
def test_the_wanted_rate_is_kept_on_frames_that_do_not_fit_it(every: float, per_second: float) -> None:
    due, done = 0.0, 0
    for frame in range(300):  # 30 s at 10 frames/s
        if frame / 10 >= due - 1e-6:
            due, done = next_due(due, frame / 10, every), done + 1
    assert done == pytest.approx(30 * per_second, abs=1)


def test_after_a_gap_nothing_is_made_up_for() -> None:
    assert next_due(2.0, 60.0, 1.0) == 61.0
