import logging

from edgevision.log import fields
from edgevision.recent import KEPT, Recent
from edgevision.redact import remember


def test_the_last_warnings_are_kept_without_secrets() -> None:
    remember("very-secret")
    recent, log = Recent(), logging.Logger("a")
    log.addHandler(recent)
    log.info("fine")
    for number in range(KEPT + 5):
        log.warning("number %d very-secret", number, extra=fields(camera="gate"))
    log.error("last")
    found = recent.newest_first()
    assert len(found) == KEPT
    assert (found[0].level, found[0].camera, found[0].text) == ("error", None, "last")
    assert (found[1].level, found[1].camera) == ("warning", "gate")
    assert found[1].text == f"number {KEPT + 4} ***"
