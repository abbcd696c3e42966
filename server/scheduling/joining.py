"""Several plans of one official on one day: their windows belong to that one day, where the plans agree on the rest."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from server.scheduling.plan import Audience, Planned

Span = tuple[int, int]


@dataclass(frozen=True)
class Terms:
    """Whom a plan receives, and from how soon to how far ahead its days can be booked."""

    audience: Audience
    notice_days: int
    horizon_days: int


@dataclass(frozen=True)
class Share:
    """One plan with its terms and the days it names."""

    rule_id: int
    terms: Terms
    days: Sequence[Planned]


class Meeting(StrEnum):
    """What happens where a plan names a day that an older one has.

    ``JOINED``: its windows are added; ``CUT``: they overlap, and the older plan's stay; ``APART``: length of talks,
    pauses, capacity or terms differ, so the day stays the older plan's.
    """

    JOINED = "joined"
    CUT = "cut"
    APART = "apart"


@dataclass(frozen=True)
class Met:
    """A meeting of a plan with the ``other`` one that is older, with the windows it is about."""

    rule_id: int
    other: int
    day: date
    meeting: Meeting
    spans: tuple[Span, ...]


def joined(shares: Iterable[Share]) -> tuple[list[Planned], list[Met]]:
    """Every day once, with the windows of all plans that name it, and where plans met. Older plans come first."""
    found: dict[date, tuple[Terms, Planned]] = {}
    met: list[Met] = []
    for share in shares:
        for one in share.days:
            own = replace(one, rules=(share.rule_id,))
            if one.day not in found:
                found[one.day] = share.terms, own
            elif not _agree(found[one.day], (share.terms, own)):
                met.append(Met(share.rule_id, found[one.day][1].rules[0], one.day, Meeting.APART, one.hours.spans))
            else:
                together, meetings = _together(found[one.day][1], own)
                found[one.day] = share.terms, together
                met += meetings
    return [found[day][1] for day in sorted(found)], met


def _agree(one: tuple[Terms, Planned], other: tuple[Terms, Planned]) -> bool:
    settings = [(hours.length, hours.buffer, hours.capacity) for hours in (one[1].hours, other[1].hours)]
    return one[0] == other[0] and settings[0] == settings[1]


def _together(first: Planned, later: Planned) -> tuple[Planned, list[Met]]:
    """The day with the later plan's windows as far as they are free and long enough for a talk."""
    rule_id, other, spans = later.rules[0], first.rules[0], first.hours.spans
    added = tuple(
        piece
        for span in later.hours.spans
        for piece in without(span, spans)
        if piece[1] - piece[0] >= later.hours.length
    )
    lost = tuple(piece for span in later.hours.spans for piece in without(span, added))
    met = [Met(rule_id, other, later.day, Meeting.JOINED, added)] if added else []
    met += [Met(rule_id, other, later.day, Meeting.CUT, lost)] if lost else []
    if not added:
        return first, met
    hours = replace(first.hours, spans=tuple(sorted((*spans, *added))))
    return replace(first, hours=hours, rules=(*first.rules, rule_id)), met


def without(span: Span, taken: Sequence[Span]) -> Iterator[Span]:
    """The pieces of a span that nothing in ``taken`` covers, in order."""
    at = span[0]
    for opens, closes in sorted(taken):
        if closes > at and opens < span[1]:
            if opens > at:
                yield at, opens
            at = closes
    if at < span[1]:
        yield at, span[1]
