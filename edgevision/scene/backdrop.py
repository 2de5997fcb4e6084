"""The still part of the scene: the ground, as a map seen from above, and what stands on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgevision.opencv import cv2
from edgevision.scene.shapes import Builder, Colour, Shape, Span
from edgevision.scene.traffic import GATE_X, GATE_Y, LANE, PATH_Y, ROAD, SPOT, WALK_Y, Trip, spot_centres

Image = NDArray[np.uint8]
Floats = NDArray[np.float64]

SCALE = 30  # px per metre of the map
WEST, EAST, NEAR, FAR = -34.0, 34.0, -16.0, 22.0  # m, the mapped ground
PAINT: Colour = (226, 232, 234)
ASPHALT: Colour = (120, 117, 114)
PAVING: Colour = (168, 178, 184)
KERB: Colour = (190, 193, 196)
GRASS: Colour = (72, 142, 112)


class GroundMap:
    """A picture of the ground from above, drawn in metres."""

    def __init__(self, rng: np.random.Generator) -> None:
        size = (int((FAR - NEAR) * SCALE), int((EAST - WEST) * SCALE))
        self.image: Image = np.empty((*size, 3), np.uint8)
        self.image[:] = GRASS
        self.rng = rng

    def at(self, x: float, y: float) -> tuple[int, int]:
        """Ground point, m -> map pixel."""
        return round((x - WEST) * SCALE), round((FAR - y) * SCALE)

    def area(self, x: Span, y: Span, colour: Colour) -> None:
        cv2.rectangle(self.image, self.at(x[0], y[1]), self.at(x[1], y[0]), colour, -1)

    def line(self, a: Span, b: Span, width: float = 0.12, colour: Colour = PAINT) -> None:
        cv2.line(self.image, self.at(*a), self.at(*b), colour, max(1, round(width * SCALE)), cv2.LINE_AA)

    def arrow(self, x: float, y: float, way: int) -> None:
        """A painted arrow along the road, pointing to +x or -x."""
        ring = [(-1.2, 0.08), (0.3, 0.08), (0.3, 0.35), (1.3, 0), (0.3, -0.35), (0.3, -0.08), (-1.2, -0.08)]
        points = np.array([self.at(x + way * a, y + b) for a, b in ring])
        cv2.fillPoly(self.image, [points], PAINT, cv2.LINE_AA)

    def stain(self, x: float, y: float) -> None:
        """A dark patch of oil."""
        for _ in range(6):
            centre = self.at(x + self.rng.normal(0, 0.25), y + self.rng.normal(0, 0.35))
            cv2.circle(self.image, centre, int(self.rng.integers(2, 8)), (104, 101, 99), -1, cv2.LINE_AA)

    def text(self, text: str, x: float, y: float) -> None:
        """A name of about 0.9 m height, upright for the camera, centred at (x, y)."""
        scale, thick = 0.042 * SCALE, round(0.12 * SCALE)
        (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
        left, base = self.at(x, y)
        at = (left - width // 2, base + height // 2)
        cv2.putText(self.image, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, PAINT, thick, cv2.LINE_AA)


def ground(rng: np.random.Generator) -> Image:
    """The map of the car park, (1140, 2040, 3) uint8 BGR, 30 px per metre."""
    plan = GroundMap(rng)
    deep = ROAD + SPOT[1]
    plan.area((WEST, EAST), (deep + 1.2, deep + 3.0), PAVING)
    paved = (((WEST, EAST), (-ROAD, ROAD)), ((-1.2, EAST), (0.0, deep)), ((3.9, EAST), (-deep, 0.0)))
    for along, across in paved:
        plan.area((along[0] - 0.2, along[1]), (across[0] - 0.2, across[1] + 0.2), KERB)
    for along, across in paved:
        plan.area(along, across, ASPHALT)
    plan.area((WEST, -0.6), (PATH_Y - 0.8, PATH_Y + 0.8), PAVING)
    for end in ((-0.6, PATH_Y), (1.8, WALK_Y)):
        cv2.circle(plan.image, plan.at(*end), round(0.8 * SCALE), PAVING, -1)
    plan.line((-0.6, PATH_Y), (1.8, WALK_Y), 1.6, PAVING)
    plan.area((WEST, EAST), (WALK_Y - 0.8, WALK_Y + 0.8), PAVING)
    _joints(plan)
    _markings(plan)
    return _weathered(plan.image, rng)


def _markings(plan: GroundMap) -> None:
    """Spots with their names, some with oil; the middle of the road, arrows, and the gate line."""
    for name, (x, y) in spot_centres().items():
        side = float(np.sign(y))
        for left in (x - SPOT[0] / 2, x + SPOT[0] / 2):
            plan.line((left, side * ROAD), (left, side * (ROAD + SPOT[1] - 0.15)))
        if plan.rng.random() < 0.7:
            plan.stain(x, y)
        plan.text(name, x, y - side * 1.95)
    for dash in np.arange(WEST, GATE_X - 2.5, 3.0).tolist():
        plan.line((dash, 0), (dash + 1.5, 0))
    for middle in (-13.0, -0.5):
        plan.arrow(middle, -LANE, 1)
        plan.arrow(middle, LANE, -1)
    plan.line((GATE_X, -ROAD), (GATE_X, ROAD), 0.35, (70, 200, 235))


def _joints(plan: GroundMap) -> None:
    """Gaps between the slabs of the footpaths."""
    for x in np.arange(WEST, EAST, 0.8).tolist():
        plan.line((x, WALK_Y - 0.8), (x, WALK_Y + 0.8), 0.03, (140, 150, 156))
        if x < -1:
            plan.line((x, PATH_Y - 0.8), (x, PATH_Y + 0.8), 0.03, (140, 150, 156))


def _weathered(image: Image, rng: np.random.Generator) -> Image:
    """The same map with grain and large patches, stronger on grass than on asphalt."""
    height, width = image.shape[:2]
    rough = np.where(image[..., 1].astype(int) > image[..., 2].astype(int) + 12, 1.0, 0.35)[..., None]
    texture = np.zeros((height, width, 1), np.float32)
    for cells, strength in ((8, 9.0), (40, 9.0), (250, 9.0), (900, 11.0)):
        grid = rng.normal(0, strength, (cells * height // width + 1, cells)).astype(np.float32)
        texture[..., 0] += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(image + rough * texture, 0, 255).astype(np.uint8)


def building(rng: np.random.Generator) -> Shape:
    """A long office block behind the lot, its front at y = 0."""
    wall = ((150, 165, 178), (128, 140, 165), (165, 165, 160), (120, 135, 150))[rng.integers(4)]
    make = Builder()

    def front(x: Span, z: Span, colour: Colour, layer: int) -> None:
        ring = [(x[0], 0, z[0]), (x[1], 0, z[0]), (x[1], 0, z[1]), (x[0], 0, z[1])]
        make.face(ring, (0, -1, 0), colour, layer)

    front((-14, 26), (0, 9.5), wall, 0)
    make.face([(-14, 0, 0), (-14, 9, 0), (-14, 9, 9.5), (-14, 0, 9.5)], (-1, 0, 0), wall, 0)
    front((-14, 26), (0, 0.7), (105, 108, 110), 1)
    for z in (1.2, 4.2, 7.2):
        for x in (-13.2 + 2.45 * np.arange(16)).tolist():
            shine = float(rng.uniform(0.85, 1.35))
            front((x, x + 1.6), (z, z + 1.6), (90, 95, 98), 1)
            front((x + 0.08, x + 1.52), (z + 0.08, z + 1.52), (98 * shine, 84 * shine, 72 * shine), 2)
    return make.shape("building", (40, 9, 9.5))


def tree(rng: np.random.Generator, height: float) -> Shape:
    """A trunk and a crown of some thirty balls."""
    make = Builder()
    make.bone((0, 0, 0), (0, 0, 0.5 * height), 0.035 * height, (50, 66, 84))
    for _ in range(34):
        x, y, z = (rng.normal(0, 0.15, 3) * (1, 1, 0.8) * height).tolist()
        z += 0.68 * height
        shade = 0.55 + 0.55 * z / height + rng.uniform(-0.07, 0.07)
        green = (44 * shade, 104 * shade + rng.uniform(-6, 6), 72 * shade + rng.uniform(-10, 10))
        make.bone((x, y, z), (x, y, z + 0.01), rng.uniform(0.09, 0.15) * height, green)
    return make.shape("tree", (1.0, 1.0, height))


def kiosk() -> Shape:
    """The attendant's hut on the far side of the gate."""
    make = Builder()
    make.box((-1.1, 1.1), (0, 2.4), 0.9, (96, 140, 170), 1)
    make.sides(0.9, (-0.8, 0.8), (1.1, 2.0), (96, 84, 74))
    make.panel(1.1, (-0.6, 0.6), (1.1, 2.0), (96, 84, 74))
    make.panel(-1.1, (-0.6, 0.6), (1.1, 2.0), (96, 84, 74))
    make.box((-1.35, 1.35), (2.4, 2.55), 1.15, (70, 74, 78), 3)
    return make.shape("kiosk", (2.2, 1.8, 2.55))


def barrier() -> Shape:
    """A raised barrier: a post and an upright arm with red stripes."""
    make = Builder()
    make.box((-0.18, 0.18), (0, 1.05), 0.16, (40, 165, 225), 1)
    for i in range(7):
        colour = (60, 60, 205) if i % 2 else (235, 235, 235)
        make.bone((0, 0.06 * i, 1 + 0.42 * i), (0, 0.06 * (i + 1), 1.42 + 0.42 * i), 0.05, colour)
    return make.shape("barrier", (0.36, 0.32, 4.0))


def machine() -> Shape:
    """The ticket machine between the road and the footpath."""
    make = Builder()
    make.box((-0.2, 0.2), (0, 1.25), 0.15, (196, 200, 202), 1)
    make.sides(0.15, (-0.13, 0.13), (0.8, 1.1), (60, 56, 52))
    return make.shape("machine", (0.4, 0.3, 1.25))


def prop(shape: Shape, x: float, y: float) -> Trip:
    """A still object at (x, y) m."""
    return Trip(0, shape, np.zeros(1), np.array([[x, y, 0.0, 0.0]]))


def behind(rng: np.random.Generator) -> list[Trip]:
    """What only ever stands behind the traffic."""
    wood = [prop(tree(rng, rng.uniform(6.5, 9.5)), x, 19.0 + rng.uniform(-1, 2)) for x in range(-48, -12, 4)]
    front = [prop(tree(rng, rng.uniform(3.0, 4.6)), x, 12.8) for x in (-21.0, -15.5, -9.0, 6.0, 17.0)]
    gate = [prop(kiosk(), GATE_X - 0.4, GATE_Y[1] + 1.1), prop(barrier(), GATE_X + 1.6, ROAD + 0.5)]
    return [*wood, prop(building(rng), 4.0, 17.0), *front, *gate]


def between() -> tuple[Trip, ...]:
    """What walkers and vehicles pass in front of or behind, and so is drawn with them."""
    return (prop(machine(), GATE_X - 2.4, -ROAD - 0.35),)
