"""Queues, shelves and ignored places are drawn as lines and zones are; the ways of objects lie under them."""

from typing import Any

import httpx
import numpy as np
import pytest
import yaml

from edgevision.core.geometry import strips
from tests.web.pages import Shown, faults, wait_for, watching
from tests.web.test_editor import Editor

SQUARE = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))


def shapes(shown: Shown) -> Any:
    return httpx.get(f"{shown.url}/api/v1/cameras/carpark/shapes").json()


def click_round(editor: Editor, tool: str, corners: Any = SQUARE) -> None:
    editor.use(tool)
    for corner in corners:
        editor.tab.mouse.click(*editor.at(*corner))


def test_a_queue_with_its_front_a_shelf_and_an_ignored_place(browser: Any, shown: Shown) -> None:
    with watching(browser, f"{shown.url}#edit/carpark") as tab:
        editor = Editor(tab)
        click_round(editor, "Queue")
        tab.keyboard.press("Enter")
        tab.get_by_role("button", name="Add its front").click()
        tab.get_by_role("button", name="queue1 queue").click()
        tab.get_by_label("Name of the queue").fill("till")
        tab.get_by_label("Name of the queue").press("Enter")
        click_round(editor, "Shelf", [(x + 0.3, y + 0.3) for x, y in SQUARE])
        tab.get_by_label("Rows, from top to bottom").fill("3")
        tab.get_by_label("Rows, from top to bottom").press("Enter")
        wait_for(tab, "document.querySelectorAll('.shape.shelf .board').length === 2")
        # By the keyboard alone.
        tab.get_by_role("button", name="Ignore", exact=True).press("Enter")
        tab.keyboard.press("ArrowLeft")
        assert faults(tab) == []
        editor.save()
        now = shapes(shown)
        assert list(now["queues"]) == ["till"]
        assert np.array(now["queues"]["till"]["front"]) == pytest.approx(np.array(SQUARE[:2]), abs=0.003)
        assert now["shelves"]["shelf1"]["count"] == 3
        assert now["ignore"]["ignored1"]["polygon"][0] == [0.29, 0.3]
        said = yaml.safe_load(shown.config.read_text())["cameras"]["carpark"]
        assert said["shelves"]["shelf1"]["rows"] == 3

        tab.get_by_role("link", name="← Cameras").click()
        card = "document.querySelector('[data-camera=carpark]')"
        wait_for(tab, card + ".querySelectorAll('.places li').length === 3")
        wait_for(tab, card + ".innerText.includes('waiting now')")

        tab.locator("[data-camera=carpark]").get_by_role("link", name="Draw lines and zones").click()
        Editor(tab)
        tab.get_by_role("button", name="till queue").click()
        tab.get_by_role("button", name="Delete", exact=True).click()
        editor.save()
        assert shapes(shown)["queues"] == {}


def test_the_rows_of_a_shelf_are_shown_where_they_are_judged(browser: Any, shown: Shown) -> None:
    """Against the core's own strips, whichever corner comes first and whichever way round."""
    corners = np.array([[0.2, 0.15], [0.7, 0.12], [0.72, 0.85], [0.18, 0.8]])
    wanted = np.array([strip[:2] for strip in strips(corners, 4)[1:]])
    script = "async ([corners, rows]) => (await import('/page/kinds.js')).boards(corners, rows)"
    with watching(browser, shown.url) as tab:
        for turned in (corners, np.roll(corners, 1, axis=0), np.roll(corners, 2, axis=0), corners[::-1]):
            drawn = np.array(tab.evaluate(script, [turned.tolist(), 4]))
            drawn = drawn[np.argsort(drawn[:, :, 1].mean(axis=1))]
            ends = np.array([ends[np.argsort(ends[:, 0])] for ends in drawn])
            assert ends == pytest.approx(wanted, abs=1e-4)


def test_the_ways_of_objects_are_seen_while_drawing(browser: Any, shown: Shown) -> None:
    with watching(browser, f"{shown.url}#edit/carpark") as tab:
        Editor(tab)
        wait_for(tab, "document.querySelectorAll('.trails polyline').length > 0")
        tab.get_by_label("Show where objects went lately").uncheck()
        wait_for(tab, "document.querySelectorAll('.trails polyline').length === 0")


def test_what_somebody_else_saved_meanwhile_keeps_its_front(browser: Any, shown: Shown) -> None:
    """`merged` puts my changes on theirs: their queue of the name stays, mine gets another and its front."""
    script = """async () => {
      const { Drawing, merged } = await import('/page/drawing.js');
      const file = (queues) => ({ version: "1", lines: {}, zones: {}, spots: {}, fixed: {}, queues });
      const square = [[0, 0], [1, 0], [1, 1]], front = [[0, 0], [1, 0]], other = [[0.5, 0], [1, 0]];
      const mine = new Drawing(file({}));
      mine.add("queue", ["till"], [square]);
      mine.add("front", ["till"], [front]);
      const theirs = new Drawing(file({ till: { polygon: square, front: other } }));
      theirs.put(merged(mine, theirs));
      return theirs.wish().queues;
    }"""
    with watching(browser, shown.url) as tab:
        found = tab.evaluate(script)
    assert found["till"]["front"] == [[0.5, 0], [1, 0]]
    assert found["till1"]["front"] == [[0, 0], [1, 0]]
