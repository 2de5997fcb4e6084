"""Which of a network's outputs to read, where several could be meant."""

from collections.abc import Sequence

from edgevision.errors import ModelError
from edgevision.explain import did_you_mean
from edgevision.inference.opened import Opened

AUXILIARY = "aux"  # torchvision's segmenters have it beside `out`: only training used it


def choose(opened: Opened, fitting: Sequence[int]) -> int:
    """The index of the output to read, of those that fit a task. Raises ModelError listing them."""
    names = [tensor.name for tensor in opened.session.outputs]
    wanted = opened.settings.output or opened.card.output
    if wanted:
        if wanted not in names:
            hint = did_you_mean(wanted, names) or f"; it has {', '.join(names)}"
            raise ModelError(f"{opened.path} has no output {wanted!r}{hint}")
        if names.index(wanted) not in fitting:
            raise ModelError(
                f"{opened.path}: {_shown(opened, names.index(wanted))} cannot be read for this task"
            )
        return names.index(wanted)
    used = [index for index in fitting if names[index] != AUXILIARY] or list(fitting)
    if not used:
        raise ModelError(
            f"{opened.path}: none of its outputs can be read for this task: "
            + ", ".join(_shown(opened, index) for index in range(len(names)))
        )
    if len(used) > 1:
        raise ModelError(
            f"{opened.path} has several outputs that can be meant: "
            + ", ".join(_shown(opened, index) for index in used)
            + f"; add `output: {names[used[0]]}`, or another of them, to {opened.where}"
        )
    return used[0]


def _shown(opened: Opened, index: int) -> str:
    return f"`{opened.session.outputs[index].name}` {opened.signature.shapes[index]}"
