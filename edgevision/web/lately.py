"""What the API tells of the last while, from memory."""

from pydantic import BaseModel, Field


class Trails(BaseModel):
    """Where objects of a camera went lately."""

    trails: list[list[tuple[float, float]]] = Field(description="points [x, y] of each, 0..1 of the picture")


class Occupancy(BaseModel):
    """How many were inside, over the last day of this process."""

    every: float = Field(description="seconds between two points")
    series: dict[str, list[tuple[float, int | None]]] = Field(
        description="by zone, queue, ...: [Unix s, the most in that minute; null: not known]"
    )
