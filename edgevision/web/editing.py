"""/api/v1/config and .../shapes: the configuration is read, checked, changed and brought back."""

from typing import Annotated

from fastapi import APIRouter, Header

from edgevision.web.answers import Configuration, Editing, History, Verdict, Wish
from edgevision.web.shapes import Shapes, ShapesWish

IfMatch = Annotated[str, Header()]


def add_editing(api: APIRouter, editing: Editing) -> None:
    _add_config(api, editing)
    _add_shapes(api, editing)


def _add_config(api: APIRouter, editing: Editing) -> None:
    @api.get("/config", summary="The configuration file")
    def configuration() -> Configuration:
        return editing.configuration()

    @api.put("/config", summary="Replace the configuration file, and follow it")
    def configure(wish: Wish, if_match: IfMatch) -> Verdict:
        return editing.configure(wish.text, if_match.strip('"'))

    @api.post("/config/check", summary="Whether a configuration could be used")
    def check(wish: Wish) -> Verdict:
        return editing.check(wish.text)

    @api.get("/config/history", summary="Earlier versions of the file")
    def history() -> History:
        return editing.history()

    @api.post("/config/history/{number}/restore", summary="Go back to an earlier version, and follow it")
    def restore(number: int, if_match: IfMatch) -> Verdict:
        return editing.restore(number, if_match.strip('"'))

    @api.post("/reload", summary="Read the configuration file again", status_code=202)
    def reload() -> dict[str, str]:
        editing.reload()
        return {"status": "reading the configuration again; the log says what changed"}


def _add_shapes(api: APIRouter, editing: Editing) -> None:
    @api.get("/cameras/{camera}/shapes", summary="Lines, zones and spots in the file")
    def shapes(camera: str) -> Shapes:
        return editing.shapes(camera)

    @api.post("/cameras/{camera}/shapes/check", summary="Whether these could be used")
    def check_shapes(camera: str, wish: ShapesWish, if_match: IfMatch) -> Verdict:
        return editing.check_shapes(camera, wish, if_match.strip('"'))

    @api.patch("/cameras/{camera}/shapes", summary="Put these into the file, and follow it")
    def draw_shapes(camera: str, wish: ShapesWish, if_match: IfMatch) -> Verdict:
        return editing.draw_shapes(camera, wish, if_match.strip('"'))
