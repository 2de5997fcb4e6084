"""Draws the scene: the backdrop once, then shadows, actors and the sensor's noise for each moment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgevision.opencv import cv2
from edgevision.scene import backdrop
from edgevision.scene.camera import Camera
from edgevision.scene.placing import Placed, place
from edgevision.scene.world import Scene

Image = NDArray[np.uint8]
Floats = NDArray[np.float64]

SHIFT = 4  # drawing in 1/16 px
SHADOW = 0.45  # share of the light that a shadow takes
NOISE = 2.2  # standard deviation of the sensor's noise, of 255
SPARE = 64  # px by which the noise is larger than the picture, to be shifted at random for each moment


class Renderer:
    """Pictures of one scene. Light and texture come from its seed, so that a moment always looks the same."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        rng = np.random.default_rng((scene.seed, 2_000_000))
        left = rng.random() < 0.5  # the sun stands to one side, somewhat behind the camera
        azimuth = np.pi + rng.uniform(0.05, 0.6) if left else -rng.uniform(0.05, 0.6)
        height = rng.uniform(0.55, 0.9)
        self.sun = np.array(
            [np.cos(azimuth) * np.cos(height), np.sin(azimuth) * np.cos(height), np.sin(height)]
        )
        warmth = rng.uniform(-0.05, 0.05)
        self.tint = rng.uniform(0.9, 1.1) * np.array([1 - warmth, 1.0, 1 + warmth])
        self.props = backdrop.between()
        self.background = self._backdrop(rng)
        area = (scene.size[1] + SPARE, scene.size[0] + SPARE)
        grain = rng.normal(0, NOISE, (*area, 1)) + rng.normal(0, NOISE / 2, (*area, 3))
        self.brighter = np.clip(np.rint(grain), 0, 255).astype(np.uint8)
        self.darker = np.clip(np.rint(-grain), 0, 255).astype(np.uint8)

    def frame(self, t: float) -> Image:
        """(H, W, 3) uint8 BGR at `t` seconds."""
        placed = self.scene.placed(t, self.props)
        image = self.background.copy()
        self._shadows(image, placed, self.scene.camera)
        self.paint(image, placed)
        height, width = image.shape[:2]
        x, y = np.random.default_rng((self.scene.seed, round(t * 1000))).integers(0, SPARE, 2)
        cv2.add(image, self.brighter[y : y + height, x : x + width], dst=image)
        cv2.subtract(image, self.darker[y : y + height, x : x + width], dst=image)
        return image

    def _backdrop(self, rng: np.random.Generator) -> Image:
        """Ground and still objects, drawn at twice the size for smooth edges."""
        camera = self.scene.camera
        large = replace(camera, focal=2 * camera.focal, size=(2 * camera.size[0], 2 * camera.size[1]))
        scale = backdrop.SCALE
        to_ground = np.array([[1 / scale, 0, backdrop.WEST], [0, -1 / scale, backdrop.FAR], [0, 0, 1]])
        image = np.empty((large.size[1], large.size[0], 3), np.uint8)
        image[:] = np.clip(np.multiply(backdrop.GRASS, self.tint), 0, 255)
        ground = np.clip(backdrop.ground(rng) * self.tint, 0, 255).astype(np.uint8)
        to_image = large.ground_matrix() @ to_ground
        cv2.warpPerspective(ground, to_image, large.size, image, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
        still = place(backdrop.behind(rng), 0.0, large)
        self._shadows(image, still, large)
        self.paint(image, still)
        return np.asarray(cv2.resize(image, camera.size, interpolation=cv2.INTER_AREA))

    def _shadows(self, image: Image, placed: Placed, camera: Camera) -> None:
        """Darken what the sun does not reach: convex hulls on the ground, at half size and blurred."""
        slide = placed.vertices[:, 2:] * (self.sun[:2] / self.sun[2])
        flat = np.column_stack([placed.vertices[:, :2] - slide, np.zeros(len(slide))])
        pixels, _ = camera.project(flat)
        points = np.rint((pixels / 2 - 0.5) * (1 << SHIFT)).astype(np.int32)
        mask = np.full((image.shape[0] // 2, image.shape[1] // 2), 255, np.uint8)
        for outline in np.split(points, placed.starts[1:]):
            cv2.fillConvexPoly(mask, cv2.convexHull(outline), round(255 * (1 - SHADOW)), cv2.LINE_AA, SHIFT)
        mask = cv2.resize(cv2.blur(mask, (3, 3)), (image.shape[1], image.shape[0]))
        cv2.multiply(image, cv2.merge([mask, mask, mask]), dst=image, scale=1 / 255)

    def paint(self, image: Image, placed: Placed) -> None:
        """Paint all models on (H, W, 3) uint8 BGR: faces that look at the camera, far models first."""
        shapes = [trip.shape for trip in placed.trips]
        sizes = [len(shape.faces) for shape in shapes]
        faces = np.concatenate([shape.faces for shape in shapes]) + np.repeat(placed.starts, sizes)[:, None]
        radii = np.concatenate([shape.radii for shape in shapes])
        points = np.rint((placed.pixels - 0.5) * (1 << SHIFT)).astype(np.int32)
        rings = points[faces]
        x, y = rings[..., 0].astype(np.int64), rings[..., 1].astype(np.int64)
        area = (x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)
        depth = placed.depths[faces[:, :4]].mean(axis=1)
        rank = np.repeat(np.arange(len(shapes)), sizes)
        order = np.lexsort((-depth, np.concatenate([shape.layers for shape in shapes]), rank))
        paints = np.concatenate([shape.colours for shape in shapes])
        colours = self._lit(placed.vertices[faces], paints, radii)
        thick = np.rint(2 * placed.reach[faces[:, 0]]).astype(int)
        for i in order[(area < 0)[order] | (radii > 0)[order]].tolist():
            if radii[i]:
                cv2.line(image, rings[i, 0], rings[i, 1], colours[i], max(1, thick[i]), cv2.LINE_AA, SHIFT)
            else:
                cv2.fillConvexPoly(image, rings[i], colours[i], cv2.LINE_AA, SHIFT)

    def _lit(self, corners: Floats, colours: Floats, radii: Floats) -> list[tuple[float, float, float]]:
        """The faces' colours (F, 3) in the scene's light; corners (F, CORNERS, 3) m."""
        normals = np.cross(corners, np.roll(corners, -1, axis=1)).sum(axis=1)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
        direct = np.where(radii > 0, 0.6, np.maximum(normals @ self.sun, 0.0))
        sky = 0.62 + 0.12 * normals[:, 2]
        shade = (sky + 0.55 * direct)[:, None] * self.tint
        return [tuple(colour) for colour in np.clip(colours * shade, 0, 255).tolist()]
