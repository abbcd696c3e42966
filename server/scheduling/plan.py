"""Recurring receptions: which days a rule names, how they roll past days off, what exceptions make of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from server.scheduling.slots import Hours, carried_over
from server.scheduling.words import ChangeKind, OnDayOff, Repeat
from server.scheduling.workdays import DAY, Calendar, Counted, on_or_after

LAST = -1
LONGEST_BREAK = timedelta(days=31)


@dataclass(frozen=True)
class Rule:
    """When somebody receives. Weekdays count from Monday = 0; ordinals are 1 to 5, or ``LAST`` of the month."""

    repeat: Repeat
    hours: Hours
    valid_from: date
    valid_until: date | None = None
    weekdays: frozenset[int] = frozenset()
    ordinals: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    on_day_off: OnDayOff = OnDayOff.MOVE


@dataclass(frozen=True)
class Change:
    """One day that is not as the rule says; without spans of its own an extra day has the rule's."""

    kind: ChangeKind
    day: date
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Audience:
    """Whom a plan receives; an empty set restricts nothing. ``units`` is whose matters it is found under."""

    townships: frozenset[int] = frozenset()
    contents: frozenset[str] = frozenset()
    units: frozenset[int] = frozenset()

    def admits(self, *, township_id: int | None, content: str | None) -> bool:
        """Whether somebody from this township with this content is received; what is not known yet excludes nobody."""
        home = not self.townships or township_id is None or township_id in self.townships
        return home and (not self.contents or content is None or content in self.contents)


@dataclass(frozen=True)
class Planned:
    """A reception as planned. ``counted`` is empty for an extra day, which no rule named.

    ``rules`` are the plans whose windows it has, once they are known, the one that goes first first.
    """

    day: date
    hours: Hours
    counted: Counted | None
    rules: tuple[int, ...] = ()


def names(rule: Rule, calendar: Calendar, day: date) -> bool:
    """Whether the rule names ``day``, days off not yet considered."""
    if rule.repeat is Repeat.WORKING_DAYS:
        return calendar.is_working(day)
    if rule.repeat is Repeat.MONTH_DAY:
        return day.day in rule.month_days
    if day.weekday() not in rule.weekdays:
        return False
    if rule.repeat is Repeat.WEEKLY:
        return True
    last = (day + timedelta(weeks=1)).month != day.month
    return (day.day - 1) // 7 + 1 in rule.ordinals or (last and LAST in rule.ordinals)


def planned(rule: Rule, calendar: Calendar, changes: Sequence[Change], first: date, last: date) -> list[Planned]:
    """The receptions from ``first`` to ``last``, in order, one a day. Days move together, they never double."""
    found: dict[date, Planned] = {}
    for day in _named(rule, calendar, first, last):
        counted = on_or_after(calendar, day)
        by_itself = not counted.skipped
        if by_itself or rule.on_day_off is OnDayOff.MOVE:
            held = found.get(counted.day)
            if held is None or by_itself:
                found[counted.day] = Planned(counted.day, rule.hours, counted)
    for change in changes:
        _apply(found, rule, change)
    return [found[day] for day in sorted(found) if first <= day <= last]


def _named(rule: Rule, calendar: Calendar, first: date, last: date) -> Iterator[date]:
    day = max(rule.valid_from, first - LONGEST_BREAK)
    end = last if rule.valid_until is None else min(last, rule.valid_until)
    while day <= end:
        if names(rule, calendar, day):
            yield day
        day += DAY


def _apply(found: dict[date, Planned], rule: Rule, change: Change) -> None:
    hours = replace(rule.hours, spans=change.spans or rule.hours.spans)
    if change.kind is ChangeKind.CANCELLED:
        found.pop(change.day, None)
    elif change.kind is ChangeKind.EXTRA:
        found[change.day] = Planned(change.day, hours, None)
    elif change.day in found:
        found[change.day] = replace(found[change.day], hours=hours)


@dataclass(frozen=True)
class Standing:
    """A reception day that is there, with the places taken on it by booking number, and the plans it belongs to."""

    day_id: int
    day: date
    hours: Hours
    of_rule: bool
    off_plan: bool
    taken: Mapping[str, int | None]
    rules: tuple[int, ...] = ()


class Fate(StrEnum):
    """What becomes of a day: nobody's booking is ever cancelled by a plan."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"
    KEPT = "kept"
    CLASH = "clash"


@dataclass(frozen=True)
class Step:
    """One day on the way from what stands to what is planned.

    ``CHANGED`` keeps every booked time (``carried`` says at which place); ``KEPT`` is a day with bookings that the plan
    has no room for: it takes nobody new and waits for a person; ``CLASH`` was made by hand, which goes first.
    """

    fate: Fate
    day: date
    planned: Planned | None = None
    standing: Standing | None = None
    carried: Mapping[int, int] | None = None

    def concerns(self, rule_id: int) -> bool:
        """Whether the day belongs to this plan, or did."""
        named = self.planned.rules if self.planned is not None else ()
        return rule_id in named or (self.standing is not None and rule_id in self.standing.rules)


def steps(wanted: Sequence[Planned], standing: Sequence[Standing]) -> list[Step]:
    """From the official's days as they stand to the plan, in the order of days."""
    there = {one.day: one for one in standing}
    found = [_step(one, there.get(one.day)) for one in wanted]
    kept = {one.day for one in wanted}
    for one in standing:
        if one.of_rule and one.day not in kept:
            found.append(Step(Fate.KEPT if one.taken else Fate.GONE, one.day, None, one))
    return sorted(found, key=lambda one: one.day)


def _step(wanted: Planned, there: Standing | None) -> Step:
    if there is None:
        return Step(Fate.NEW, wanted.day, wanted)
    if not there.of_rule:
        return Step(Fate.CLASH, wanted.day, wanted, there)
    if there.hours == wanted.hours and not there.off_plan:
        return Step(Fate.SAME, wanted.day, wanted, there)
    places = [place for place in there.taken.values() if place is not None]
    carried = carried_over(there.hours, wanted.hours, places)
    fate = Fate.KEPT if carried is None else Fate.CHANGED
    return Step(fate, wanted.day, wanted, there, carried)
