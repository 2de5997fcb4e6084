"""The five kinds of actors: what they look like, with random paint and sizes."""

from __future__ import annotations

import numpy as np

from edgevision.scene.shapes import GLASS, LAMP, METAL, TAIL, Builder, Colour, Shape

DARK: Colour = (44, 42, 42)
PLATE: Colour = (225, 225, 225)
SKIN: Colour = (120, 155, 205)
SIGN: Colour = (40, 150, 235)
WHITE: Colour = (225, 225, 225)
SILVER: Colour = (175, 172, 170)
GREY: Colour = (105, 100, 98)
BLACK: Colour = (52, 48, 46)
VIVID: tuple[Colour, ...] = (
    (150, 84, 36),
    (48, 40, 170),
    (70, 92, 44),
    (140, 176, 190),
    (60, 150, 215),
    (130, 110, 60),
)
CAR_PAINT = (WHITE, SILVER, GREY, BLACK, *VIVID)
BUS_PAINT: tuple[Colour, ...] = (
    (60, 175, 225),
    (60, 70, 200),
    (170, 110, 40),
    (80, 150, 70),
    (220, 220, 220),
)
CARGO_PAINT: tuple[Colour, ...] = ((230, 230, 228), (190, 200, 205), (150, 160, 90), (90, 130, 200))
CLOTHES: tuple[Colour, ...] = (
    (60, 60, 180),
    (170, 110, 50),
    (70, 130, 60),
    (50, 50, 55),
    (60, 160, 210),
    (120, 60, 110),
)
TROUSERS: tuple[Colour, ...] = ((48, 46, 46), (92, 62, 44), (58, 74, 96), (96, 92, 90), (130, 90, 60))
HAIR: tuple[Colour, ...] = ((30, 35, 45), (40, 70, 110), (110, 150, 180), (120, 120, 120))


def _one(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    return colours[rng.integers(len(colours))]


def car(rng: np.random.Generator) -> Shape:
    """A hatchback, a saloon or an SUV."""
    # length, width, height in m; then the cabin's ends below and above, as shares of half the length
    styles = (
        ((3.95, 1.72, 1.50), (-0.95, 0.50), (-0.78, 0.08)),
        ((4.65, 1.82, 1.43), (-0.74, 0.42), (-0.46, 0.02)),
        ((4.60, 1.88, 1.72), (-0.96, 0.46), (-0.86, 0.16)),
    )
    (length, width, height), low, top = styles[rng.integers(len(styles))]
    paint = _one(rng, CAR_PAINT)
    end, belt, half = length / 2, 0.61 * height, width / 2
    rear = belt if low[0] < -0.9 else belt - 0.03
    make = Builder()
    make.box((-0.95 * end, 0.95 * end), (0.13, 0.4), 0.9 * half, DARK, 0)
    front = [(0.40, belt), (0.92, belt - 0.15), (1.0, 0.58), (1.0, 0.3)]
    profile = [(x * end, z) for x, z in ((-1, 0.3), (-1, 0.6), (-0.97, rear), *front)]
    make.prism(profile, [w * half for w in (1, 1, 0.94, 0.94, 0.92, 0.96, 0.96)], paint, 1)
    make.lamps(length, width, (0.55, 0.72))
    make.panel(end, (-0.5 * half, 0.5 * half), (0.34, 0.56), DARK)
    make.panel(-end, (-0.3 * half, 0.3 * half), (0.42, 0.54), PLATE)
    make.tyres(0.61 * end, half)
    for x in (-0.60, 0.62):
        make.wheels(x * end, half + 0.005, 0.32)
    ends, tops = (low[0] * end, low[1] * end), (top[0] * end, top[1] * end)
    make.cabin(ends, tops, (belt, height), (0.92 * half, 0.74 * half), paint)
    return make.shape("car", (length, width, height))


def truck(rng: np.random.Generator) -> Shape:
    """A cab and a box on a frame."""
    length, width, height = 7.0 + rng.uniform(-0.4, 0.6), 2.35, 3.1 + rng.uniform(-0.15, 0.15)
    paint, cargo, stripe = _one(rng, CAR_PAINT), _one(rng, CARGO_PAINT), _one(rng, VIVID)
    end, half, back = length / 2, width / 2, length / 2 - 1.9
    make = Builder()
    make.box((-end, 0.96 * end), (0.4, 0.85), 0.8 * half, DARK, 0)
    cab = [(back, 0.4), (back, 2.3), (end - 0.75, 2.35), (end - 0.1, 1.4), (end, 1.3), (end, 0.4)]
    make.prism(cab, [w * half for w in (0.96, 0.9, 0.88, 0.95, 0.96, 0.96)], paint, 1)
    make.box((-end, back - 0.15), (0.8, height), half, cargo, 1)
    upper, lower = (end - 0.70, 0.80 * half, 2.28), (end - 0.15, 0.86 * half, 1.48)
    screen = np.array([upper, lower, lower, upper]) * [(1, -1, 1), (1, -1, 1), (1, 1, 1), (1, 1, 1)]
    make.face(screen, (1, 0, 0.5), GLASS, 2)
    make.sides(0.93 * half, (back + 0.5, end - 0.75), (1.45, 2.05), GLASS)
    make.sides(half, (-end + 0.2, back - 0.35), (1.35, 1.75), stripe)
    make.panel(-end, (-0.03, 0.03), (0.85, height - 0.1), DARK)
    make.lamps(length, width, (0.6, 0.85))
    make.panel(end, (-0.5 * half, 0.5 * half), (0.55, 1.0), DARK)
    make.tyres(end - 1.1, half)
    for x in (-end + 1.0, -end + 2.0, end - 1.15):
        make.wheels(x, half, 0.45)
    return make.shape("truck", (length, width, height))


def bus(rng: np.random.Generator) -> Shape:
    """A town bus: long, a row of windows and a door on each side."""
    length, width, height = 10.0 + rng.uniform(-0.5, 0.5), 2.5, 3.0
    paint, stripe = _one(rng, BUS_PAINT), _one(rng, BUS_PAINT)
    end, half, roof = length / 2, width / 2, height - 0.15
    make = Builder()
    make.box((-0.97 * end, 0.97 * end), (0.15, 0.5), 0.9 * half, DARK, 0)
    top = [(-end + 0.2, roof), (end - 0.35, roof), (end - 0.05, 2.5)]
    hull = [(-end, 0.35), (-end, 2.6), *top, (end, 0.35)]
    make.prism(hull, [w * half for w in (1, 1, 0.93, 0.93, 1, 1)], paint, 1)
    make.sides(half, (-end + 0.1, end - 0.1), (0.75, 1.05), stripe)
    window = (length - 2.0) / 6
    for left in -end + 0.35 + window * np.arange(6):
        make.sides(half, (left, left + window - 0.12), (1.45, 2.4), GLASS)
    make.sides(half, (end - 1.45, end - 0.35), (0.5, 2.4), GLASS)
    make.panel(end, (-0.9 * half, 0.9 * half), (1.2, 2.3), GLASS)
    make.panel(end, (-0.7 * half, 0.7 * half), (2.35, 2.58), SIGN)
    make.panel(-end, (-0.75 * half, 0.75 * half), (1.6, 2.4), GLASS)
    make.lamps(length, width, (0.55, 0.8))
    cooler = [(-2.2, roof - 0.01), (-2.0, height), (0.4, height), (0.6, roof - 0.01)]
    make.prism(cooler, [0.62 * half] * 4, (205, 205, 205), 3)
    make.tyres(end - 2.4, half)
    for x in (-end + 2.3, end - 2.5):
        make.wheels(x, half + 0.005, 0.48)
    return make.shape("bus", (length, width, height))


def motorcycle(rng: np.random.Generator) -> Shape:
    """A motorcycle with its rider."""
    paint, jacket, helmet = _one(rng, CAR_PAINT[3:]), _one(rng, CLOTHES), _one(rng, CAR_PAINT)
    make = Builder()
    for x in (-0.70, 0.72):
        make.wheels(x, 0.06, 0.32)
    body = [(-0.75, 0.42), (-0.95, 0.80), (-0.2, 0.74), (0.25, 0.98), (0.62, 0.85), (0.45, 0.35)]
    make.prism(body, [0.15] * 6, paint, 1)
    make.panel(-0.93, (-0.08, 0.08), (0.66, 0.78), TAIL)
    make.panel(0.64, (-0.1, 0.1), (0.70, 0.88), LAMP)
    make.bone((0.55, 0, 0.8), (0.74, 0, 0.34), 0.05, METAL)
    for side in (0.2, -0.2):
        hip, knee, foot = (-0.25, 0.7 * side, 0.86), (0.16, 1.1 * side, 0.66), (-0.08, side, 0.26)
        make.bone(hip, knee, 0.085, DARK)
        make.bone(knee, foot, 0.07, DARK)
        make.bone((0.1, side, 1.32), (0.5, 1.6 * side, 1.02), 0.065, jacket)
    make.bone((-0.25, 0, 0.95), (0.05, 0, 1.3), 0.19, jacket)
    make.bone((0.14, 0, 1.56), (0.17, 0, 1.58), 0.145, helmet)
    return make.shape("motorcycle", (2.1, 0.75, 1.72))


def person(rng: np.random.Generator) -> Shape:
    """A walker: two legs and two arms that swing against each other."""
    tall = rng.uniform(1.6, 1.86) / 1.75
    shirt, trousers = _one(rng, CLOTHES), _one(rng, TROUSERS)
    make = Builder()
    for side in (1, -1):
        make.bone((0, 0.09 * side, 0.9 * tall), (0, 0.10 * side, 0.07), 0.08, trousers, 0.25 * side)
        shoulder, hand = (0, 0.21 * side, 1.4 * tall), (0, 0.25 * side, 0.84 * tall)
        make.bone(shoulder, hand, 0.055, shirt, -0.24 * side)
    make.bone((0, 0, 0.98 * tall), (0, 0, 1.36 * tall), 0.17, shirt)
    make.bone((0.01, 0, 1.61 * tall), (0.01, 0, 1.62 * tall), 0.115, SKIN)
    make.bone((-0.03, 0, 1.65 * tall), (-0.03, 0, 1.66 * tall), 0.11, _one(rng, HAIR))
    return make.shape("person", (0.5, 0.5, 1.77 * tall))


MODELS = {"person": person, "car": car, "truck": truck, "bus": bus, "motorcycle": motorcycle}
