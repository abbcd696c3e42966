"""Whether a page as it stands can be used by everybody, at the desk and on a phone."""

from tests.e2e.people import PHONE, Person
from tests.e2e.test_accessibility import CUT_TABLES, LOW_LINKS, SIDEWAYS, no_violations


def fits(one: Person) -> None:
    """The page is accessible in both sizes, what is tapped is high enough, and nothing is cut on a phone."""
    page, before = one.page, one.page.viewport_size
    no_violations(one)
    assert page.evaluate(LOW_LINKS) == []
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    no_violations(one)
    assert page.evaluate(SIDEWAYS) is False
    assert page.evaluate(CUT_TABLES) == 0
    if before is not None:
        page.set_viewport_size(before)
