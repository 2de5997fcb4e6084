"""The editor: what is drawn gets into the file, and into what is counted; nothing of anybody is lost."""

from typing import Any

import httpx
import numpy as np
import pytest

from edgevision.config import Camera
from edgevision.opencv import cv2
from tests.web.pages import Shown, wait_for, watching

OUTCOME = "document.querySelector('.outcome').textContent.startsWith('{text}')"
COUNT = "Number(document.querySelector('.value.{way} b')?.textContent) > 0"


class Editor:
    """The editor of the camera, open."""

    def __init__(self, tab: Any) -> None:
        self.tab = tab
        tab.wait_for_selector(".layer .shape")
        wait_for(tab, "document.querySelector('.stage img').naturalWidth > 0")

    def at(self, x: float, y: float) -> tuple[float, float]:
        box = self.tab.locator(".layer").bounding_box()
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def use(self, tool: str) -> None:
        self.tab.get_by_role("button", name=tool, exact=True).click()

    def pull(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.tab.mouse.move(*self.at(*start))
        self.tab.mouse.down()
        self.tab.mouse.move(*self.at(*end), steps=4)
        self.tab.mouse.up()

    def save(self, outcome: str = "Saved.") -> None:
        self.tab.get_by_role("button", name="Save", exact=True).click()
        wait_for(self.tab, OUTCOME.format(text=outcome))


def test_a_line_is_drawn_saved_and_counts(browser: Any, shown: Shown) -> None:
    before = shown.config.read_text()
    with watching(browser, shown.url) as tab:
        tab.locator("[data-camera=carpark]").get_by_role("link", name="Draw lines and zones").click()
        editor = Editor(tab)
        editor.use("Line")
        editor.pull((0.5, 0.02), (0.5, 0.98))
        # By the keyboard: one end a hundredth to the right, back, and down.
        tab.locator(".handle").first.focus()
        for key in ("ArrowRight", "ArrowRight", "ControlOrMeta+z", "ArrowDown"):
            tab.keyboard.press(key)
        tab.get_by_label("Name of the line").fill("street")
        tab.get_by_label("Name of the line").press("Enter")
        editor.save()
        (x1, y1), (x2, y2) = (
            httpx.get(f"{shown.url}/api/v1/cameras/carpark/shapes").json()["lines"]["street"].values()
        )
        assert (x1, y1, x2, y2) == pytest.approx((0.51, 0.03, 0.5, 0.98), abs=0.002)
        after = shown.config.read_text()
        line = f"      street: {{from: [{x1:g}, {y1:g}], to: [{x2:g}, {y2:g}]}}\n"
        assert after == before.replace("  gate:", f"    lines:\n{line}  gate:")

        tab.get_by_role("link", name="← Cameras").click()
        wait_for(tab, f"{COUNT.format(way='in')} || {COUNT.format(way='out')}")

        # And all back to what it was.
        tab.locator("[data-camera=carpark]").get_by_role("link", name="Draw lines and zones").click()
        tab.get_by_role("button", name="Earlier versions").click()
        tab.get_by_role("button", name="Until").first.click()
        wait_for(tab, "!document.querySelector('.shape.line')")
        assert shown.config.read_text() == before


def test_two_who_draw_at_once_lose_nothing(browser: Any, shown: Shown) -> None:
    with watching(browser, f"{shown.url}#edit/carpark") as tab:
        editor = Editor(tab)
        editor.use("Zone")
        for corner in ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4)):
            tab.mouse.click(*editor.at(*corner))
        tab.mouse.dblclick(*editor.at(0.1, 0.4))
        door = "      door: {polygon: [[0, 0], [1, 0], [1, 1]]}\n"
        theirs = shown.config.read_text().replace("  gate:\n", f"{door}  gate:\n")
        shown.config.write_text(theirs)

        tab.get_by_role("button", name="Save", exact=True).click()
        tab.get_by_role("button", name="Put my changes on theirs").click()
        editor.save()
        after = shown.config.read_text()
        assert after.replace("      zone1:\n", "").count("\n") == theirs.count("\n") + 1
        assert door in after
        assert "polygon: [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4], [0.1, 0.4]]" in after.replace("0.3999", "0.4")

        # Broken by hand while the page is open.
        editor.use("Line")
        editor.pull((0.2, 0.8), (0.8, 0.8))
        shown.config.write_text(after.replace("zones:", "zones: ["))
        editor.save("Not saved. the file has been changed by hand, and is wrong now: config.yaml:")


def test_a_camera_that_was_renamed_meanwhile_is_said_to_be(browser: Any, shown: Shown) -> None:
    with watching(browser, f"{shown.url}#edit/carpark") as tab:
        editor = Editor(tab)
        editor.use("Line")
        editor.pull((0.2, 0.8), (0.8, 0.8))
        theirs = shown.config.read_text().replace("  carpark:", "  yard:")
        shown.config.write_text(theirs)
        editor.save("Not saved. there is no camera")
        assert "there are yard, gate" in tab.locator(".outcome").inner_text()
        assert tab.locator(".layer .shape.line").count() == 1  # what was drawn is still there
        assert shown.config.read_text() == theirs


def test_what_the_network_is_not_shown_is_dark(browser: Any, shown: Shown) -> None:
    text = shown.config.read_text()
    shown.config.write_text(text.replace("  carpark:\n", "  carpark:\n    region: [0.5, 0.25, 1.0, 0.75]\n"))
    dark = """(path, [x, y]) => {
      const { width, height } = path.ownerSVGElement.viewBox.baseVal;
      return path.isPointInFill(new DOMPoint(x * width, y * height));
    }"""
    with watching(browser, f"{shown.url}#edit/carpark") as tab:
        editor = Editor(tab)
        path = tab.locator("path.outside").element_handle()
        points = [(x, y) for x in (0.02, 0.48, 0.52, 0.98) for y in (0.02, 0.23, 0.27, 0.73, 0.77, 0.98)]
        found = {point: path.evaluate(dark, point) for point in points}
        assert found == {(x, y): x < 0.5 or not 0.25 < y < 0.75 for x, y in points}
        assert "the bright part alone" in tab.locator(".shapes").inner_text()
        editor.use("Line")  # over the dark part too
        editor.pull((0.1, 0.5), (0.9, 0.5))
        editor.save()
    assert "region: [0.5, 0.25, 1.0, 0.75]" in shown.config.read_text()


def test_what_is_doubtful_is_said_while_drawing(browser: Any, shown: Shown) -> None:
    with watching(browser, f"{shown.url}#edit/carpark") as tab:
        editor = Editor(tab)
        editor.use("Line")
        editor.pull((0.2, 0.999), (0.8, 0.999))
        tab.wait_for_selector(".remark:has-text('line1: it can never count')")
        tab.keyboard.press("ControlOrMeta+z")
        tab.wait_for_selector(".remark", state="detached")
        assert tab.get_by_role("button", name="Save", exact=True).is_disabled()


@pytest.mark.skipif("spots" not in Camera.model_fields, reason="this version knows no spots")
def test_a_row_of_spots_is_drawn(browser: Any, shown: Shown) -> None:
    with watching(browser, f"{shown.url}#edit/carpark") as tab:
        editor = Editor(tab)
        editor.use("Row of spots")
        tab.get_by_label("Bays").fill("4")
        for corner in ((0.2, 0.4), (0.8, 0.4), (0.8, 0.6), (0.2, 0.6)):
            tab.mouse.click(*editor.at(*corner))
        editor.save()
        spots = httpx.get(f"{shown.url}/api/v1/cameras/carpark/shapes").json()["spots"]
        assert list(spots) == ["A1", "A2", "A3", "A4"]
        assert np.array(spots["A2"]) == pytest.approx(
            np.array([[0.35, 0.4], [0.5, 0.4], [0.5, 0.6], [0.35, 0.6]]), abs=0.003
        )
        tab.get_by_role("link", name="← Cameras").click()
        wait_for(tab, "document.querySelectorAll('.places li').length === 4")


def test_bays_are_equal_on_the_ground(browser: Any, shown: Shown) -> None:
    """Against OpenCV's homography from the row as it is on the ground, 5 bays of 2.5 x 5 m."""
    row = np.array([[0.1, 0.6], [0.9, 0.5], [0.8, 0.7], [0.3, 0.9]], np.float32)
    ground = np.array([[0, 0], [12.5, 0], [12.5, 5], [0, 5]], np.float32)
    corners = np.array([[[x, 0], [x + 2.5, 0], [x + 2.5, 5], [x, 5]] for x in np.arange(5) * 2.5], np.float32)
    to_picture = cv2.getPerspectiveTransform(ground, row)
    wanted = cv2.perspectiveTransform(corners.reshape(-1, 1, 2), to_picture).reshape(5, 4, 2)
    with watching(browser, shown.url) as tab:
        script = "async ([row, count]) => (await import('/page/bays.js')).cut(row, count)"
        assert np.array(tab.evaluate(script, [row.tolist(), 5])) == pytest.approx(wanted, abs=1e-4)
        crossed = row[[0, 2, 1, 3]].tolist()
        assert tab.evaluate(script, [crossed, 5]) is None
