"""What every refusal looks like, and how /openapi.json tells which ones an address may answer with."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from edgevision.errors import EdgevisionError
from edgevision.redact import redact
from edgevision.web.answers import ApiError

METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
WORDS = {
    400: "the body is no JSON",
    401: "a token is required, or this one has expired",
    403: "the token has too small a role, or a page of another server asks",
    404: "there is no such camera, name or version",
    408: "the body took too long to come",
    409: "this is not possible now; it says why",
    412: "the file was changed since that version",
    413: "the body is too large",
    421: "this server is not called so",
    422: "a value is not what is expected there",
    503: "it cannot be done for now; it says why",
}


class Refusal(BaseModel):
    """Every status above 399 comes with one."""

    detail: str = Field(description="why, in words")


def refusals(*statuses: int, body: bool = False) -> dict[int | str, dict[str, Any]]:
    """For `responses=` of a route: these statuses, and those that the guard may answer with. body: it takes
    one."""
    all_of_them = sorted({401, 403, 421, 422, *statuses, *((400, 408, 413) if body else ())})
    return {status: {"model": Refusal, "description": WORDS[status]} for status in all_of_them}


def add_refusals(app: FastAPI) -> None:
    @app.exception_handler(ApiError)
    @app.exception_handler(EdgevisionError)
    async def refuse(request: Request, error: Exception) -> JSONResponse:
        status = error.status if isinstance(error, ApiError) else 503
        return JSONResponse({"detail": redact(str(error))}, status)

    @app.exception_handler(RequestValidationError)
    async def explain(request: Request, error: RequestValidationError) -> JSONResponse:
        """Where and why; not what was sent, which may be a token."""
        found = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        return JSONResponse({"detail": "; ".join(found)}, 422)

    @app.exception_handler(405)
    async def allow(request: Request, error: HTTPException) -> JSONResponse:
        """With all that this address takes: the router only names what its first route does."""
        scopes = {method: {**request.scope, "method": method} for method in METHODS}
        allowed = [
            method
            for method, scope in scopes.items()
            if any(route.matches(scope)[0] is Match.FULL for route in app.routes)
        ]
        text = f"{request.method} is not for this address; it takes {', '.join(allowed)}"
        return JSONResponse({"detail": text}, 405, {"Allow": ", ".join(allowed)})
