"""Whether a camera's pictures can be trusted: covered, dark, frozen, defocused or moved ones cannot."""

from edgevision.sight.judge import CLEAR
from edgevision.sight.settings import ALWAYS, KINDS, SightSetting, kinds_for
from edgevision.sight.sight import Sight

__all__ = ["ALWAYS", "CLEAR", "KINDS", "Sight", "SightSetting", "kinds_for"]
