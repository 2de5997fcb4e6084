import numpy as np

from edgevision.core.standing import Standing

BOX = np.array([[100, 100, 200, 200]], np.float32)  # 100 px: it has moved when its centre has by 25
SEEN = np.array([True])
ONE = np.array([1])


def test_who_stays_within_a_quarter_of_its_size_stands() -> None:
    standing = Standing()
    moves = [(0, 0.0), (10, 0.0), (-24, 0.0), (24, 0.0), (26, 4.0), (40, 4.0), (0, 6.0)]
    for ts, (x, since) in enumerate(moves):
        assert standing.update(ONE, BOX + np.array([x, 0, x, 0], np.float32), SEEN, float(ts))[0] == [since]


def test_half_a_metre_a_second_is_driving() -> None:
    """A car 4.5 m long, as high as half of that, at walking pace: .5 of its scale in a second."""
    standing = Standing()
    for frame in range(100):
        since = standing.update(
            ONE, BOX + np.array([frame * 5, 0, frame * 5, 0], np.float32), SEEN, frame / 10
        )
        assert frame / 10 - since[0] < 1


def test_who_is_not_seen_is_where_it_was() -> None:
    standing = Standing()
    standing.update(ONE, BOX, SEEN, 0.0)
    assert standing.update(ONE, BOX + 500, ~SEEN, 1.0)[0] == [0.0]
    assert standing.update(ONE, BOX, SEEN, 2.0)[0] == [0.0]


def test_each_has_its_own_whatever_their_order_and_who_is_gone_is_forgotten() -> None:
    standing = Standing()
    both = np.concatenate([BOX, BOX + 300])
    standing.update(np.array([7, 3]), both, np.array([True, True]), 0.0)
    moved = np.concatenate([BOX + 300, BOX + 90])
    assert standing.update(np.array([3, 7]), moved, np.array([True, True]), 1.0)[0].tolist() == [0.0, 1.0]
    assert standing.update(np.array([7]), BOX + 90, SEEN, 2.0)[0] == [1.0]
    assert standing.update(np.array([3]), BOX + 300, SEEN, 3.0)[0] == [3.0]
    assert (
        standing.update(np.zeros(0, int), np.zeros((0, 4), np.float32), np.zeros(0, bool), 4.0)[0].size == 0
    )


def test_who_has_moved_once_is_known_to() -> None:
    standing = Standing()
    moves = [(0, False), (10, False), (60, True), (60, True)]
    for ts, (x, moved) in enumerate(moves):
        assert standing.update(ONE, BOX + np.array([x, 0, x, 0], np.float32), SEEN, float(ts))[1] == [moved]
    assert standing.update(np.array([2]), BOX, SEEN, 5.0)[1] == [False]
