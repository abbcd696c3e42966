"""What the figures of a check mean."""

from dataclasses import replace

import pytest

from server.places.readiness import FAILED, CheckKind, Figures, judge

FINE = Figures(camera=True, microphone=True, connected=True, pictures=90, packets=190, level=0.05, round_trip_ms=30.0)


@pytest.mark.parametrize(
    ("changed", "words", "kind"),
    [
        ({}, ("good", "good", "good"), CheckKind.GOOD),
        ({"round_trip_ms": None}, ("good", "good", "good"), CheckKind.GOOD),
        ({"level": 0.0}, ("good", "quiet", "good"), CheckKind.GOOD),
        ({"loss": 0.06}, ("good", "good", "slow"), CheckKind.SLOW),
        ({"round_trip_ms": 401.0}, ("good", "good", "slow"), CheckKind.SLOW),
        ({"pictures": 9}, ("lost", "good", "good"), CheckKind.NO_PICTURE),
        ({"camera": False, "pictures": 0}, ("missing", "good", "good"), CheckKind.NO_PICTURE),
        ({"packets": 19, "pictures": 9}, ("lost", "lost", "good"), CheckKind.NO_SOUND),
        ({"microphone": False, "loss": 0.5}, ("good", "missing", "slow"), CheckKind.NO_SOUND),
        ({"connected": False, "pictures": 0, "packets": 0}, ("unknown", "unknown", "missing"), CheckKind.NO_LINE),
        (
            {"connected": False, "camera": False, "microphone": False},
            ("missing", "missing", "missing"),
            CheckKind.NO_LINE,
        ),
    ],
)
def test_the_gravest_thing_is_the_kind(changed: dict[str, object], words: tuple[str, ...], kind: CheckKind) -> None:
    told = judge(replace(FINE, **changed))  # type: ignore[arg-type]  # the parameters above are of the right kinds
    assert (told.picture, told.sound, told.line) == words
    assert told.kind is kind


def test_a_slow_line_is_no_failure() -> None:
    assert set(CheckKind) - FAILED == {CheckKind.GOOD, CheckKind.SLOW}
