"""Labels of counts and of their truth in the same words. The truth's may be coarser than the network's."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from edgevision.errors import DataError
from edgevision.evaluate.read_counts import Truth


@dataclass
class Labels:
    theirs: dict[str, str]  # the network's label -> the truth's
    notes: list[str] = field(default_factory=list)

    def coarse(self, label: str) -> str:
        return self.theirs.get(label, label)

    def coarsened(self, labels: Collection[str]) -> set[str]:
        return {self.coarse(label) for label in labels}

    def judge(
        self,
        truth: Truth,
        known: Mapping[str, Collection[str]],
        asked: Mapping[tuple[str, str], Collection[str]],
    ) -> Truth:
        """The truth without what was not to be counted, and without labels that the network does not know.

        known: by camera, the network's labels; asked: by camera and name, those counted there; empty: all.
        """
        foreign = {mark.label for mark in truth.marks if mark.label and mark.label not in known[mark.camera]}
        foreign |= {
            total.label
            for total in truth.totals
            if total.label and total.label not in known[total.key.camera]
        }
        if foreign:
            self.notes.append(
                f"labels that the network does not know, so not compared: {', '.join(sorted(foreign))}; "
                "`--map vehicle=car vehicle=truck` says what they are"
            )
        kept = [mark for mark in truth.marks if self._counted(mark.label, mark.key[:2], foreign, asked)]
        totals = [each for each in truth.totals if self._counted(each.label, each.key[:2], foreign, asked)]
        out = len(truth.marks) - len(kept) + len(truth.totals) - len(totals)
        if out:
            self.notes.append(f"{out} of the truth are of classes that are not counted there, and left out")
        return replace(
            truth,
            marks=[mark._replace(label="") if mark.label in foreign else mark for mark in kept],
            totals=[each._replace(label="") if each.label in foreign else each for each in totals],
        )

    def _counted(
        self,
        label: str,
        place: tuple[str, str],
        foreign: Collection[str],
        asked: Mapping[tuple[str, str], Collection[str]],
    ) -> bool:
        return not label or label in foreign or not asked.get(place) or label in asked[place]


def read_labels(pairs: Sequence[str]) -> Labels:
    """["vehicle=car", "vehicle=truck"]: the truth's label = the network's. Raises DataError."""
    theirs: dict[str, str] = {}
    for pair in pairs:
        true, _, ours = pair.partition("=")
        if not true or not ours or "=" in ours:
            raise DataError(f"--map takes the truth's label = the network's, as vehicle=car; got {pair!r}")
        if ours in theirs:
            raise DataError(f"--map: {ours} is {theirs[ours]} already, and cannot be {true} as well")
        theirs[ours] = true
    return Labels(theirs)
