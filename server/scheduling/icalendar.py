"""Calendar files after RFC 5545: events with fixed names, folded and escaped, in the district's time zone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from server.clock import DISTRICT_ZONE

OCTETS = 75
ZONE = (
    "BEGIN:VTIMEZONE",
    f"TZID:{DISTRICT_ZONE.key}",
    "BEGIN:STANDARD",
    "DTSTART:19910915T000000",
    "TZOFFSETFROM:+0800",
    "TZOFFSETTO:+0800",
    "TZNAME:CST",
    "END:STANDARD",
    "END:VTIMEZONE",
)


class Status(StrEnum):
    """Whether an event takes place; a tentative one may be moved yet."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Event:
    """One stretch of a day, in minutes after local midnight. ``uid`` never changes for the same stretch."""

    uid: str
    day: date
    opens: int
    closes: int
    summary: str
    description: str
    status: Status = Status.CONFIRMED


def calendar_file(name: str, events: Sequence[Event], *, stamp: datetime) -> bytes:
    """The file; its lines end as the standard says and are at most 75 octets long."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Lianxin//Receptions//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        f"X-WR-TIMEZONE:{DISTRICT_ZONE.key}",
        *ZONE,
        *(line for one in events for line in _event(one, stamp)),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines).encode()


def _event(one: Event, stamp: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{one.uid}"
    yield f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;TZID={DISTRICT_ZONE.key}:{one.day:%Y%m%d}T{_time(one.opens)}"
    yield f"DTEND;TZID={DISTRICT_ZONE.key}:{one.day:%Y%m%d}T{_time(one.closes)}"
    yield f"SUMMARY:{escaped(one.summary)}"
    yield f"DESCRIPTION:{escaped(one.description)}"
    yield f"STATUS:{one.status.value}"
    yield "TRANSP:OPAQUE"
    yield "END:VEVENT"


def _time(minute: int) -> str:
    last = min(minute, 24 * 60 - 1)
    return f"{last // 60:02d}{last % 60:02d}00"


def escaped(text: str) -> str:
    """Text of a property: backslash, semicolon, comma and line ends are marked; other control signs are left out."""
    marked = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    marked = marked.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(sign for sign in marked if sign >= " " and sign != "\x7f")


def folded(line: str) -> str:
    """The line in parts of at most 75 octets, never cut within a character; later parts begin with a blank."""
    parts, part, size = [], "", 0
    for sign in line:
        length = len(sign.encode())
        if size + length > OCTETS:
            parts.append(part)
            part, size = " ", 1
        part, size = part + sign, size + length
    return "\r\n".join([*parts, part])
