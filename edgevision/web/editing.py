"""/api/v1/config and .../shapes: the configuration is read, checked, changed and brought back."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Header, Path

from edgevision.web.answers import Configuration, Editing, History, Verdict, Wish
from edgevision.web.changes import Caller
from edgevision.web.orders import Control
from edgevision.web.refusals import refusals
from edgevision.web.shapes import Shapes, ShapesWish

IfMatch = Annotated[str, Header()]


def add_editing(api: APIRouter, editing: Editing, control: Control) -> None:
    def noted(verdict: Verdict, who: str, what: str, camera: str | None = None) -> Verdict:
        if verdict.version:  # else nothing was written
            control.note(who, what, camera, f"the configuration is version {verdict.version} now")
        return verdict

    _add_config(api, editing, control, noted)
    _add_shapes(api, editing, noted)


def _add_config(api: APIRouter, editing: Editing, control: Control, noted: Callable[..., Verdict]) -> None:
    reads, writes = refusals(409, 503), refusals(409, 412, 503, body=True)

    @api.get("/config", summary="The configuration file", responses=reads)
    def configuration() -> Configuration:
        return editing.configuration()

    @api.put("/config", summary="Replace the configuration file, and follow it", responses=writes)
    def configure(wish: Wish, if_match: IfMatch, who: Caller) -> Verdict:
        return noted(editing.configure(wish.text, if_match.strip('"')), who, "configure")

    @api.post("/config/check", summary="Whether a configuration could be used", responses=writes)
    def check(wish: Wish) -> Verdict:
        return editing.check(wish.text)

    @api.get("/config/history", summary="Earlier versions of the file", responses=reads)
    def history() -> History:
        return editing.history()

    @api.post(
        "/config/history/{number}/restore",
        summary="Go back to an earlier version, and follow it",
        responses=refusals(404, 409, 412, 503),
    )
    def restore(number: Annotated[int, Path(ge=1, le=10**9)], if_match: IfMatch, who: Caller) -> Verdict:
        return noted(editing.restore(number, if_match.strip('"')), who, "restore")

    @api.post("/reload", summary="Read the configuration file again", status_code=202, responses=reads)
    def reload(who: Caller) -> dict[str, str]:
        editing.reload()
        control.note(who, "reload")
        return {"status": "reading the configuration again; the log says what changed"}


def _add_shapes(api: APIRouter, editing: Editing, noted: Callable[..., Verdict]) -> None:
    writes = refusals(404, 409, 412, 503, body=True)

    @api.get(
        "/cameras/{camera}/shapes",
        summary="Lines, zones and spots in the file",
        responses=refusals(404, 409, 503),
    )
    def shapes(camera: str) -> Shapes:
        return editing.shapes(camera)

    @api.post("/cameras/{camera}/shapes/check", summary="Whether these could be used", responses=writes)
    def check_shapes(camera: str, wish: ShapesWish, if_match: IfMatch) -> Verdict:
        return editing.check_shapes(camera, wish, if_match.strip('"'))

    @api.patch("/cameras/{camera}/shapes", summary="Put these into the file, and follow it", responses=writes)
    def draw_shapes(camera: str, wish: ShapesWish, if_match: IfMatch, who: Caller) -> Verdict:
        return noted(editing.draw_shapes(camera, wish, if_match.strip('"')), who, "draw", camera)
