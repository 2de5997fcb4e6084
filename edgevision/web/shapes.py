"""Lines, zones and all else that has a place in a camera's picture, as the editor of the page draws it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from edgevision.settings import NAME

MOST = 1000  # shapes of a kind
Share = Annotated[float, Field(ge=0, le=1, strict=True)]
Spot = tuple[Share, Share]
Corners = Annotated[list[Spot], Field(min_length=1, max_length=100, description="[x, y], each 0..1")]
Name = Annotated[str, Field(pattern=f"^{NAME}$")]
# The schema is to say that no other names are taken: pydantic's own says only what those are that match.
MANY = Field(max_length=MOST, json_schema_extra={"additionalProperties": False})
Section = Literal["lines", "zones", "spots", "queues", "shelves", "areas", "looks", "ignore"]


class Line(BaseModel):
    """What passes from the left hand of one who walks from `from` to `to` to the right goes in."""

    model_config = ConfigDict(serialize_by_alias=True, extra="forbid", allow_inf_nan=False)

    from_: Spot = Field(alias="from")
    to: Spot


class Zone(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    polygon: Corners


class Queue(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    polygon: Corners
    front: tuple[Spot, Spot] | None = Field(None, description="where who was served leaves; null: anywhere")


class Shelf(BaseModel):
    """A section that is cut into rows, or one whose rows are drawn one by one."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    polygon: Corners | None = None
    count: Annotated[int, Field(ge=1, le=20)] | None = Field(
        None, description="rows of the section; null where they have names in the file"
    )
    rows: dict[Name, Corners] | None = Field(None, description="those with a polygon of their own")


class Shapes(BaseModel):
    """What a camera has in the file."""

    version: str = Field(description="of the file, to be given back when it is changed: If-Match")
    lines: dict[str, Line]
    zones: dict[str, Zone]
    spots: dict[str, Corners] | None = Field(description="null: this version knows no spots")
    queues: dict[str, Queue]
    shelves: dict[str, Shelf]
    areas: dict[str, Zone]
    looks: dict[str, Zone]
    ignore: dict[str, Zone]
    fixed: dict[str, Corners] = Field(description="spots of a file of their own, which are not changed here")
    region: tuple[float, float, float, float] | None = Field(
        description="left, top, right, bottom of the part that the network is shown; null: all of it"
    )


class ShapesWish(BaseModel):
    """What is to be there instead. A section that is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    lines: Annotated[dict[Name, Line], MANY] | None = None
    zones: Annotated[dict[Name, Zone], MANY] | None = None
    spots: Annotated[dict[Name, Corners], MANY] | None = None
    queues: Annotated[dict[Name, Queue], MANY] | None = None
    shelves: Annotated[dict[Name, Shelf], MANY] | None = None
    areas: Annotated[dict[Name, Zone], MANY] | None = None
    looks: Annotated[dict[Name, Zone], MANY] | None = None
    ignore: Annotated[dict[Name, Zone], MANY] | None = None
    renamed: dict[Section, Annotated[dict[Name, Name], MANY]] = Field(
        {}, description="the new name by the old one"
    )
