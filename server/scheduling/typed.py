"""Days and times of day as they are typed; anything else is none."""

from contextlib import suppress
from datetime import date


def typed_minute(text: str) -> int | None:
    """Minutes after local midnight, up to 24:00."""
    hour, _, minute = text.strip().replace("\uff1a", ":").partition(":")
    fits = len(text) <= 8 and hour.isdecimal() and minute.isdecimal() and len(hour) <= 2 and len(minute) == 2
    minutes = int(hour) * 60 + int(minute) if fits and int(minute) < 60 else None
    return minutes if minutes is not None and minutes <= 24 * 60 else None


def typed_day(text: object) -> date | None:
    """A day, as date fields send it."""
    with suppress(ValueError):
        return date.fromisoformat(str(text))
    return None
