"""The page at /: what it shows, who can use it, and what it says when something is away."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.web.pages import Shown, faults, wait_for, watching

CARD = "document.querySelector('[data-camera={name}]')"
CHIP = CARD + "?.querySelector('.chip').textContent === '{text}'"
MOST_BYTES = 120_000  # of all the page is made of: a second on a poor mobile line


def streams(tab: Any, name: str = "carpark") -> None:
    wait_for(tab, CHIP.format(name=name, text="Streaming"))
    wait_for(tab, CARD.format(name=name) + ".querySelector('img').naturalWidth > 0")


def test_it_shows_what_the_camera_sees_and_counts(
    browser: Any, shown: Shown, record_property: Callable[[str, object], None]
) -> None:
    answers: list[Any] = []
    with watching(browser, "about:blank") as tab:
        tab.on("response", lambda answer: answers.append(answer))
        tab.goto(shown.url)
        streams(tab)
        wait_for(tab, "Number(document.querySelector('.numbers .value b')?.textContent) > 0")
        wait_for(tab, "document.querySelector('#events li')?.textContent.includes('entered all')")
        wait_for(tab, "document.querySelector('#counts svg.bars rect')")
        wait_for(tab, "document.querySelector('#times dl')")
        wait_for(tab, "document.querySelector('#health').innerText === 'All well'")
        files = [answer for answer in answers if "/api/" not in answer.url]
        weight = sum(len(answer.body()) for answer in files)
        record_property("bytes", weight)
        assert 0 < weight < MOST_BYTES
    assert tab.complaints == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_everybody_can_use_it(browser: Any, shown: Shown, width: int, scheme: str) -> None:
    with watching(browser, shown.url, viewport={"width": width, "height": 844}, color_scheme=scheme) as tab:
        streams(tab)
        wait_for(tab, "document.querySelector('#counts svg.bars rect')")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert faults(tab) == []
        foot = tab.locator("[data-camera=carpark] .foot :is(a, button):visible")
        assert len(set(foot.evaluate_all("all => all.map((each) => each.offsetTop)"))) == 1  # one row
        tab.goto(f"{shown.url}#edit/carpark")
        tab.get_by_role("button", name="all zone").click()
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert faults(tab) == []


def test_what_a_paused_camera_says_is_of_before(browser: Any, shown: Shown) -> None:
    with watching(browser, shown.url) as tab:
        card = tab.locator("[data-camera=carpark]")
        streams(tab)
        card.get_by_text("inside now").wait_for()
        card.get_by_role("button", name="Pause").click()
        card.get_by_text("inside when last seen").wait_for()
        wait_for(tab, "document.querySelector('#health').innerText === '1 paused, all else well'")
        card.get_by_role("button", name="Go on").click()
        card.get_by_text("inside now").wait_for()
    assert tab.complaints == []


def test_a_heatmap_and_how_many_there_were_are_shown(browser: Any, shown: Shown) -> None:
    with watching(browser, shown.url) as tab:
        streams(tab)
        wait_for(tab, "document.querySelector('#inside polygon')")
        tab.locator("[data-camera=carpark]").get_by_role("button", name="Heatmap").click()
        wait_for(tab, "document.querySelector('.heat').naturalWidth > 0")
        assert faults(tab) == []
        tab.get_by_role("button", name="Close").click()


def test_nobody_looks_at_what_is_out_of_sight(browser: Any, shown: Shown) -> None:
    with watching(browser, shown.url, viewport={"width": 390, "height": 300}) as tab:
        streams(tab)
        tab.evaluate("scrollTo(0, document.body.scrollHeight)")
        wait_for(tab, "!document.querySelector('[data-camera=carpark] img').hasAttribute('src')")
        tab.evaluate("scrollTo(0, 0)")
        streams(tab)


def test_what_is_away_is_said_to_be(
    browser: Any, shown: Shown, record_property: Callable[[str, object], None]
) -> None:
    with watching(browser, shown.url) as tab:
        streams(tab, "gate")
        streams(tab, "carpark")
        shown.lose_camera()
        record_property("camera_seconds", wait_for(tab, CHIP.format(name="gate", text="No picture")))
        wait_for(tab, "document.querySelector('#now').innerText.includes('gate')")
        assert tab.locator("[data-camera=carpark] .chip").inner_text() == "Streaming"

        shown.service.process.send_signal(signal.SIGSTOP)
        try:
            record_property("service_seconds", wait_for(tab, "!document.querySelector('#lost').hidden"))
            assert "lost" in tab.locator("#lost").inner_text()
        finally:
            shown.service.process.send_signal(signal.SIGCONT)
        wait_for(tab, "document.querySelector('#lost').hidden")
