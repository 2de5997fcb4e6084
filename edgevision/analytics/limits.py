"""How many are too many: limits that zones and queues share."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import Field, model_validator

from edgevision.core.limit import Limit
from edgevision.core.stays import Stay
from edgevision.core.types import Finding
from edgevision.settings import Duration, Settings

CERTAIN = 1.0  # the confidence of what is about no single object


class Limits(Settings):
    """When there are too many, and when no more."""

    above: int = Field(ge=0, description="report when there are more than this many")
    below: int | None = Field(
        None, ge=1, description="and when there are fewer than this again; left out: not more than `above`"
    )
    hold: Duration = Field(3.0, description="how long a change must last to be believed")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.below is not None and self.below > self.above:
            raise ValueError(f"`below` must not be more than `above`, got {self.below} and {self.above}")
        return self


class Many:
    """Finds when there become too many, and when they are no more."""

    def __init__(self, limits: Limits, too_many: str, no_more: str) -> None:
        self.limit = Limit(limits.above, limits.below, limits.hold)
        self.kinds = (too_many, no_more)
        self._label = ""  # that most of them had

    def judge(self, stays: Sequence[Stay], ts: float) -> list[Finding]:
        """Who is there at `ts`. A finding's label is that of most of them."""
        if stays:
            labels = Counter(stay.track.label for stay in stays)
            self._label = max(labels, key=lambda label: (labels[label], label))
        if not self.limit.see(len(stays), ts):
            return []
        kind = self.kinds[0] if self.limit.is_above else self.kinds[1]
        return [Finding(kind, self._label, None, len(stays), CERTAIN)]

    def keep(self) -> dict[str, Any]:
        """As JSON has it: who was told of too many is told of no more after a restart as well."""
        return {"too_many": self.limit.is_above, "label": self._label}

    def resume(self, kept: Mapping[str, Any]) -> None:
        """Go on from what `keep` gave."""
        self.limit.is_above, self._label = bool(kept["too_many"]), str(kept["label"])
