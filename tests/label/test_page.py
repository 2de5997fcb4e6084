"""The page in a real browser: Debian's Chromium, driven by Playwright (pip install 'edgevision[browser]')."""

from pathlib import Path
from typing import Any

import pytest

from edgevision.evaluate.read_counts import Mark, Row, read_truth
from tests.label.pages import LINE, SPOT, Served


class Page:
    """The page of a served video, as soon as it shows the first frame."""

    def __init__(self, browser: Any, served: Served) -> None:
        self.served, self.complaints = served, list[str]()
        self.tab = browser.new_page(viewport={"width": 1280, "height": 800})
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.goto(served.url)
        self.tab.wait_for_selector("body[data-ready]")
        self.see()

    def see(self) -> None:
        """Wait for the picture of the frame that is chosen: only what is seen can be marked."""
        self.tab.wait_for_selector("#picture:not(.waiting)")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.tab.keyboard.press(key)
            self.see()

    def click(self, x: float, y: float) -> None:
        """On the picture, in shares of it."""
        box = self.tab.locator("#canvas").bounding_box()
        self.tab.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])

    def marks(self, count: int) -> list[Mark]:
        """What the file says once the page says that it is saved."""
        self.tab.wait_for_selector(f"#count:text-is('{count}')")
        self.tab.wait_for_selector("#saved:has-text('saved in')")
        for _ in range(200):  # the page shows it before it is written
            if len(self.served.store.labelled.rows) == count:
                break
            self.tab.wait_for_timeout(20)
        return read_truth(self.served.truth, {"gate": 0.0}).marks

    def clock(self) -> str:
        text: str = self.tab.locator("#clock").inner_text()
        return text.split(" of ")[0]


def test_crossings_are_marked_by_keys_clicks_and_buttons(browser: Any, tmp_path: Path) -> None:
    served = Served(tmp_path)
    page = Page(browser, served)
    page.press("ArrowUp", "ArrowRight", "ArrowRight", "1")  # a second and two frames: 1.2 s
    page.press("ArrowUp", "ArrowLeft")
    page.click(0.5, 0.54)  # 2.1 s; below the line: the side that is in
    page.click(0.5, 0.46)
    page.tab.locator("#label").fill("bus")
    page.tab.locator("[data-action='road crossed_out']").click()
    assert page.marks(4) == [
        Mark("gate", "road", "crossed_in", "", 1.2),
        Mark("gate", "road", "crossed_in", "", 2.1),
        Mark("gate", "road", "crossed_out", "", 2.1),
        Mark("gate", "road", "crossed_out", "bus", 2.1),
    ]
    page.tab.locator("#marks .jump").first.click()
    assert page.clock() == "1.20 s"
    page.press("Delete")
    assert [mark.at for mark in page.marks(3)] == [2.1, 2.1, 2.1]
    page.press("u")
    assert page.marks(4)[0].at == 1.2
    assert page.complaints == []
    served.stop()


def test_a_click_on_a_spot_says_the_other_state(browser: Any, tmp_path: Path) -> None:
    served = Served(tmp_path)
    page = Page(browser, served)
    for _ in range(3):
        page.press("ArrowUp")
        page.click(0.1, 0.1)
    assert [(mark.kind, mark.at) for mark in page.marks(3)] == [
        ("occupied", 1.0), ("freed", 2.0), ("occupied", 3.0),
    ]  # fmt: skip
    served.stop()


def test_what_we_counted_is_confirmed_and_rejected(browser: Any, tmp_path: Path) -> None:
    ours = [Row(name="road", kind="crossed_in", at=at, label="car") for at in (1.5, 3.0, 4.5)]
    served = Served(tmp_path, ours=ours)
    page = Page(browser, served)
    for key, left in (("y", 2), ("x", 1), ("y", 0)):
        if key == "y" and left == 2:
            page.press("n")
        page.press(key)
        page.tab.wait_for_selector(f"#left:text-is('{left} of 3 left')")
    assert [mark.at for mark in page.marks(2)] == [1.5, 4.5]
    served.stop()


def test_what_is_marked_already_is_not_asked_again(browser: Any, tmp_path: Path) -> None:
    ours = [Row(name="road", kind="crossed_in", at=at) for at in (1.2, 1.3, 4.5)]
    served = Served(tmp_path, ours=ours)
    page = Page(browser, served)
    page.press("ArrowUp", "1")  # one mark, at 1.0, is one of the two counts about then
    page.tab.wait_for_selector("#left:text-is('2 of 3 left')")
    served.stop()


def test_without_a_configuration_the_line_is_drawn(browser: Any, tmp_path: Path) -> None:
    served = Served(tmp_path, places=())
    page = Page(browser, served)
    box = page.tab.locator("#canvas").bounding_box()
    page.tab.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"])
    page.tab.mouse.down()
    page.tab.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"])
    page.tab.mouse.up()
    page.press("1")
    assert page.marks(1) == [Mark("gate", "line", "crossed_in", "", 0.0)]
    line = served.store.labelled.lines["line"]
    assert line.from_ == pytest.approx((0.25, 0.5), abs=0.01)
    assert line.to == pytest.approx((0.75, 0.5), abs=0.01)
    served.stop()


def test_nothing_happens_here_is_a_truth_too(browser: Any, tmp_path: Path) -> None:
    served = Served(tmp_path, places=(LINE, SPOT))
    page = Page(browser, served)
    page.tab.locator("#actions input").first.check()
    page.tab.wait_for_selector("#saved:has-text('saved in')")
    totals = read_truth(served.truth, {"gate": 0.0}).totals
    assert [(total.key.kind, total.number) for total in totals] == [("crossed_in", 0), ("crossed_out", 0)]
    served.stop()


def test_it_plays_to_the_end(browser: Any, tmp_path: Path) -> None:
    served = Served(tmp_path)
    page = Page(browser, served)
    page.tab.locator("#speed").select_option("4")
    page.tab.locator("#play").click()
    page.tab.wait_for_selector("#play:text-is('Play')")
    page.tab.wait_for_selector("#clock:has-text('5.90 s of 5.90 s')")
    assert page.complaints == []
    served.stop()


def test_what_is_not_seen_yet_cannot_be_marked(browser: Any, tmp_path: Path) -> None:
    """A slow machine: the frame that is asked for comes only when the test lets it."""
    served = Served(tmp_path)
    page = Page(browser, served)
    held: list[Any] = []
    page.tab.route("**/frame/40.jpg", lambda route: held.append(route))
    with page.tab.expect_request("**/frame/40.jpg"):
        page.tab.locator("#seek").fill("40")
    page.tab.wait_for_selector("#picture.waiting")
    page.tab.keyboard.press("1")
    page.tab.wait_for_selector("#saved:has-text('not seen yet')")
    while not held:  # the route is told of in its own time
        page.tab.wait_for_timeout(20)
    held[0].continue_()
    page.see()
    page.press("1")
    assert page.marks(1) == [Mark("gate", "road", "crossed_in", "", 4.0)]
    served.stop()
