"""Which of a network's classes is which of a data set's: by name, as the numbers differ."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from edgevision.core.types import Ints
from edgevision.errors import DataError
from edgevision.explain import did_you_mean

# What VOC and COCO call the same thing.
SAME = {"aeroplane": "airplane", "motorbike": "motorcycle", "sofa": "couch", "tvmonitor": "tv"}
SHOWN = 12  # names in a message


class Matching(NamedTuple):
    """Where two lists of names meet."""

    theirs: Ints  # (network's labels,) index into the data set's names, -1: the data set has none such
    known: frozenset[int]  # those of the data set's names that the network knows
    notes: list[str]  # what did not meet, in sentences


def match_names(
    labels: Sequence[str], names: Sequence[str], counts: Mapping[int, int], given: Mapping[str, str]
) -> Matching:
    """labels: the network's; names: the data set's; counts: how often each of them is in the truth;
    given: data set's name -> network's label, where they differ. Raises DataError if nothing meets.
    """
    _check_given(given, labels, names)
    wanted = {_plain(ours): theirs for theirs, ours in given.items()}
    index = {_plain(name): number for number, name in enumerate(names) if name not in given}
    index |= {ours: names.index(theirs) for ours, theirs in wanted.items()}
    theirs = np.array([_find(label, index) for label in labels], np.int32)
    known = frozenset(int(number) for number in theirs if number >= 0)
    if not known & set(counts):
        there = _shown([names[number] for number in sorted(counts)])
        raise DataError(
            f"the network knows {_shown(labels)}; the data set has {there}: "
            "no name of one is a name of the other; `--map theirs=ours` says what is the same"
        )
    return Matching(theirs, known, _notes(labels, names, counts, theirs, known))


def read_map(pairs: Sequence[str]) -> dict[str, str]:
    """["automobile=car", ...] as a dictionary. Raises DataError."""
    for pair in pairs:
        if pair.count("=") != 1 or not all(pair.split("=")):
            raise DataError(
                f"--map takes the data set's name = the network's, as automobile=car; got {pair!r}"
            )
    return {pair.split("=")[0]: pair.split("=")[1] for pair in pairs}


def _check_given(given: Mapping[str, str], labels: Sequence[str], names: Sequence[str]) -> None:
    for theirs, ours in given.items():
        if theirs not in names:
            raise DataError(f"--map: the data set has no class {theirs!r}{did_you_mean(theirs, names)}")
        if ours not in labels:
            raise DataError(f"--map: the network has no class {ours!r}{did_you_mean(ours, labels)}")


def _plain(name: str) -> str:
    """A name without what differs from list to list: case, blanks, hyphens, underscores."""
    letters = "".join(letter for letter in name.casefold() if letter.isalnum())
    return SAME.get(letters, letters)


def _find(label: str, index: Mapping[str, int]) -> int:
    """As a whole, or by the first of its synonyms: ImageNet's lists say `tench, Tinca tinca`."""
    return index.get(_plain(label), index.get(_plain(label.split(",")[0]), -1))


def _notes(
    labels: Sequence[str],
    names: Sequence[str],
    counts: Mapping[int, int],
    theirs: Ints,
    known: frozenset[int],
) -> list[str]:
    notes = []
    unknown = sorted(set(counts) - known, key=lambda number: -counts[number])
    if unknown:
        told = [names[n] + (f" ({counts[n]})" if counts[n] else "") for n in unknown]
        notes.append(f"not known to the network, so left out of every figure: {_shown(told)}")
    foreign = [label for label, number in zip(labels, theirs, strict=True) if number < 0]
    if foreign:
        notes.append(f"the data has no such class, so not in the means: {_shown(foreign)}")
    absent = [names[number] for number in sorted(known - set(counts))]
    if absent:
        notes.append(f"in none of these pictures, so left out of the means: {_shown(absent)}")
    return notes


def _shown(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
