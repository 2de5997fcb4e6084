"""/api/v1/audit, and how whatever changes something says who did."""

import math
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from edgevision.web.login import NOBODY
from edgevision.web.orders import Control
from edgevision.web.refusals import refusals


class Change(BaseModel):
    """Something that was changed through the API."""

    time: str
    who: str = Field(description=f"the name of a token; {NOBODY}: none is asked for")
    what: str = Field(description="reset, pause, resume, configure, draw, restore, reload")
    camera: str | None
    more: str = Field(description="in words")


class Changes(BaseModel):
    """The last of them, the newest first."""

    changes: list[Change]


def _caller(request: Request) -> str:
    name: str = request.scope.get("caller", NOBODY)
    return name


def _until(request: Request) -> float:
    expires: float = request.scope.get("until", math.inf)
    return expires


Caller = Annotated[str, Depends(_caller)]  # the name of who asks, of a route's parameters
Until = Annotated[float, Depends(_until)]  # Unix seconds at which the token of who asks expires


def add_audit(api: APIRouter, control: Control) -> None:
    @api.get("/audit", summary="Who changed what, the newest first", responses=refusals(503))
    def audit(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Changes:
        return Changes(changes=[Change.model_validate(each) for each in control.changes(limit)])
