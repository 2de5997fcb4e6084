"""What was measured, as an object for JSON, from which the tables and the page are made."""

from collections.abc import Mapping, Sequence
from typing import Any

from edgevision.bench.cameras import Trial, cost
from edgevision.bench.ceiling import share
from edgevision.bench.turns import Turn, spread, stages_of
from edgevision.bench.usage import percentiles
from edgevision.errors import SourceError

OURS, CEILING, BARE = "pipeline", "ceiling", "bare"  # names of subjects
PLAN = "plan "  # before the name of a plan


def report(turns: Mapping[str, Sequence[Turn]]) -> dict[str, Any]:
    """The figures of all rounds. Ratios are taken within each round, then their median.

    Raises SourceError where there is nothing to report.
    """
    ours, most = turns[OURS], turns[CEILING]
    if not any(turn.fps for turn in ours):
        raise SourceError(
            "slow", "not one frame came through in all turns: give it more --seconds, or fewer --streams"
        )
    ratios = spread(_shares(ours, most))
    fps = spread([turn.fps for turn in ours])
    stages = stages_of(ours)
    least = turns[BARE]
    bare = spread(_shares(ours, least))
    return {
        "fps": round(fps.median, 2),
        "ceiling_fps": _alone(ours, most),
        "ratio": round(ratios.median, 3),
        "ratio_least": round(ratios.least, 3),
        "ratio_most": round(ratios.most, 3),
        "rounds": len(ours),
        "stages": {name: percentiles(seconds) for name, seconds in stages.items()},
        "latency": percentiles(sum(stages.values())) if stages else {},  # type: ignore[arg-type]
        "frames": len(next(iter(stages.values()), ())),
        "cpu_ms": round(1000 * spread([turn.cpu for turn in ours if turn.fps]).median, 2),
        "cpu_ratio": round(
            spread([e.cpu / o.cpu for o, e in zip(ours, most, strict=True) if o.fps]).median, 3
        ),
        "ceiling_cpu_ms": round(1000 * spread([turn.cpu for turn in most]).median, 2),
        "bare_fps": _alone(ours, least),
        "bare_ratio": round(bare.median, 3),
        "bare_cpu_ms": round(1000 * spread([turn.cpu for turn in least]).median, 2),
        "other_cores": round(spread([turn.others for each in turns.values() for turn in each]).median, 2),
        "by_round": {name: [round(turn.fps, 2) for turn in each] for name, each in turns.items()},
        "plans": _beside(turns, most, [name for name in turns if name.startswith(PLAN)]),
        "against": _beside(
            turns, ours, [name for name in turns if name not in (OURS, CEILING, BARE) and PLAN not in name]
        ),
    }


def _shares(ours: Sequence[Turn], others: Sequence[Turn]) -> list[float]:
    return [share(mine.by_model, other.by_model) for mine, other in zip(ours, others, strict=True)]


def _alone(ours: Sequence[Turn], others: Sequence[Turn]) -> float:
    """Frames per second, as our cameras mix them, that the others would have been through with: the median of
    the rounds in which we can tell. With one network these are simply its frames per second."""
    shares = zip(ours, _shares(ours, others), strict=True)
    return round(spread([mine.fps / each for mine, each in shares if each]).median, 2)


def _beside(
    turns: Mapping[str, Sequence[Turn]], measure: Sequence[Turn], names: Sequence[str]
) -> list[dict[str, Any]]:
    """Each of them, and how it stands to the turns that it is measured by, round by round."""
    rows = []
    for name in names:
        ratios = spread([turn.fps / of.fps for turn, of in zip(turns[name], measure, strict=True) if of.fps])
        rows.append(
            {
                "name": name.removeprefix(PLAN),
                "fps": round(spread([turn.fps for turn in turns[name]]).median, 2),
                "ratio": round(ratios.median, 3),
                "ratio_least": round(ratios.least, 3),
                "ratio_most": round(ratios.most, 3),
                "cpu_ms": round(1000 * spread([turn.cpu for turn in turns[name]]).median, 2),
            }
        )
    return rows


def carried(count: int, fps: float, latency: float, trials: Sequence[Trial]) -> dict[str, Any]:
    """What the trials with paced cameras said."""
    seconds, memory = cost(trials)
    return {
        "count": count,
        "fps": fps,
        "latency_ms": round(1000 * latency, 3),
        "cpu_seconds_per_camera": round(seconds, 4),
        "mb_per_camera": None if memory is None else round(memory, 1),
        "trials": [
            {
                "cameras": trial.cameras,
                "carried": trial.carried,
                "in_time": round(trial.in_time, 4),
                "p50": _ms(trial.p50),
                "p99": _ms(trial.p99),
                "dropped": trial.dropped,
                "cores": round(trial.cpu, 2),
                "other_cores": round(trial.others, 2),
            }
            for trial in trials
        ],
    }


def _ms(seconds: float) -> float | None:
    """JSON knows no infinity, which is the latency when nothing came through."""
    return round(1000 * seconds, 3) if seconds < float("inf") else None
