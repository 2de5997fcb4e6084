"""Where vehicles park, learnt from watching: stays of tracks -> places in a picture -> bays."""

from edgevision.learn.places import Place, Places, Stay
from edgevision.learn.propose import SURE, Proposal, propose
from edgevision.learn.stays import Stays

__all__ = ["SURE", "Place", "Places", "Proposal", "Stay", "Stays", "propose"]
