"""What is kept of events: pictures, and clips in which a browser can go to and fro."""

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from edgevision.web.answers import ApiError, Desk
from edgevision.web.refusals import refusals

TYPES = {".jpg": "image/jpeg", ".mp4": "video/mp4"}
# It does not change; but no cache that others use, and not long after who saw it may see it no more.
CACHE = "private, max-age=3600"


def add_showing(api: APIRouter, desk: Desk) -> None:
    @api.get(
        "/evidence/{day}/{camera}/{name}",
        summary="A picture or a clip of an event, by its address in `events`",
        response_class=Response,
        responses={200: {"content": {kind: {} for kind in TYPES.values()}}, **refusals(404)},
    )
    def evidence(day: str, camera: str, name: str) -> FileResponse:
        path = desk.evidence(f"{day}/{camera}/{name}")
        if path is None:
            raise ApiError(404, "there is no such evidence; the oldest is removed as `keep` and `most` say")
        return FileResponse(path, media_type=TYPES[path.suffix], headers={"Cache-Control": CACHE})
