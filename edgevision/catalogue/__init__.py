"""Networks of others, listed in networks.yaml, that `edgevision models pull` fetches."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from edgevision.document import read
from edgevision.explain import validate
from edgevision.inference.settings import Card
from edgevision.settings import Name, Settings

FILE = Path(__file__).with_name("networks.yaml")

# What may be used in a product, and asks for no more than that its notice is kept.
Licence = Literal["Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause"]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Entry(Settings):
    """One network of the catalogue."""

    task: Literal["detect", "segment", "classify"]
    purpose: str = Field(max_length=100, description="what it is good for, in a line")
    url: str = Field(pattern="^https://")
    source: str = Field(pattern="^https://", description="a page for people, that states the licence")
    licence: Licence
    bytes: int = Field(gt=0)
    sha256: Sha256 | None = Field(None, description="of the file; left out, it is recorded at the first pull")
    card: Card


class Catalogue(Settings):
    networks: dict[Name, Entry]


def load_catalogue() -> dict[str, Entry]:
    """All entries by name, in the order of the file."""
    return validate(Catalogue, read(FILE)).networks
