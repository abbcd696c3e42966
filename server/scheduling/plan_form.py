"""A plan as it is typed: checked, or refused beside its field; and as a form shows it again."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from server.errors import Invalid
from server.scheduling.contents import CONTENTS
from server.scheduling.plan import LAST, Audience, Change, Rule
from server.scheduling.slots import Hours
from server.scheduling.typed import typed_day, typed_minute
from server.scheduling.words import ChangeKind, OnDayOff, Repeat

SPANS = 3
ORDINALS = (1, 2, 3, 4, 5, LAST)
Typed = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class PlanForm:
    """A checked plan."""

    official_id: int
    rule: Rule
    notice_days: int
    horizon_days: int
    audience: Audience


def one(typed: Typed, name: str) -> str:
    """The only value of a field; empty where there is none."""
    return next(iter(typed.get(name, ())), "").strip()


def checked_plan(typed: Typed) -> PlanForm:
    """The plan; raises ``Invalid`` with the field to look at."""
    official_id = _number(typed, "official_id", 1, 999_999_999, "Please choose the official.")
    return PlanForm(
        official_id,
        _rule(typed),
        _number(typed, "notice_days", 0, 30, "Booking ends between 0 and 30 days before."),
        _number(typed, "horizon_days", 1, 180, "Booking begins between 1 and 180 days before."),
        Audience(
            frozenset(_numbers(typed, "townships")),
            frozenset(name for name in typed.get("contents", ()) if name in CONTENTS),
            frozenset(_numbers(typed, "units")),
        ),
    )


def _rule(typed: Typed) -> Rule:
    repeat = one(typed, "repeat")
    if repeat not in set(Repeat):
        raise Invalid("repeat_missing", "Please choose how the days repeat.", field="repeat")
    first, until = typed_day(one(typed, "valid_from")), typed_day(one(typed, "valid_until"))
    if first is None:
        raise Invalid("valid_from_missing", "Please say from which day the plan holds.", field="valid_from")
    if until is None and one(typed, "valid_until"):
        raise Invalid("bad_last_day", "This is not a day.", field="valid_until")
    if until is not None and until < first:
        raise Invalid("bad_valid_until", "The last day lies after the first one.", field="valid_until")
    rule = Rule(
        Repeat(repeat),
        _hours(typed),
        first,
        until,
        frozenset(number for number in _numbers(typed, "weekdays") if number < 7),
        frozenset(_ordinals(typed)),
        frozenset(_month_days(one(typed, "month_days"))),
        OnDayOff.SKIP if one(typed, "on_day_off") == OnDayOff.SKIP.value else OnDayOff.MOVE,
    )
    _refuse_rule_without_days(rule)
    return rule


def _refuse_rule_without_days(rule: Rule) -> None:
    if rule.repeat in {Repeat.WEEKLY, Repeat.NTH_WEEKDAY} and not rule.weekdays:
        raise Invalid("weekdays_missing", "Please choose the weekdays.", field="weekdays")
    if rule.repeat is Repeat.NTH_WEEKDAY and not rule.ordinals:
        raise Invalid("ordinals_missing", "Please choose which ones of the month.", field="ordinals")
    if rule.repeat is Repeat.MONTH_DAY and not rule.month_days:
        raise Invalid("month_days_missing", "Please enter days of the month, 1 to 31.", field="month_days")


def _hours(typed: Typed) -> Hours:
    spans = checked_spans(typed)
    if not spans:
        raise Invalid("bad_window", "Please give the times: the end lies after the beginning.", field="from_1")
    hours = Hours(
        spans,
        _number(typed, "slot_minutes", 5, 120, "A talk takes between 5 and 120 minutes."),
        _number(typed, "buffer_minutes", 0, 60, "Between two talks there are 0 to 60 minutes."),
        _number(typed, "capacity", 1, 20, "Between 1 and 20 people can come at one time."),
    )
    if not hours.starts:
        raise Invalid("no_slot_fits", "No talk fits into these times.", field="slot_minutes")
    return hours


def checked_spans(typed: Typed) -> tuple[tuple[int, int], ...]:
    """The openings of a day in order; they do not overlap. Empty lines are left out."""
    spans: list[tuple[int, int]] = []
    for number in range(1, SPANS + 1):
        opens, closes = one(typed, f"from_{number}"), one(typed, f"to_{number}")
        if not opens and not closes:
            continue
        first, last = typed_minute(opens), typed_minute(closes)
        if first is None or last is None or first >= last:
            words = "Please give the times: the end lies after the beginning."
            raise Invalid("bad_window", words, field=f"from_{number}")
        if spans and first < spans[-1][1]:
            words = "This time begins before the one above it has ended."
            raise Invalid("windows_overlap", words, field=f"from_{number}")
        spans.append((first, last))
    return tuple(spans)


def checked_change(typed: Typed, *, after: date) -> Change:
    """An exception for one day after ``after``."""
    day, kind = typed_day(one(typed, "day")), one(typed, "kind")
    if day is None or day <= after:
        raise Invalid("day_missing", "Please choose a day that is not over.", field="day")
    if kind not in set(ChangeKind):
        raise Invalid("kind_missing", "Please choose what is different on this day.", field="kind")
    spans = checked_spans(typed)
    if kind == ChangeKind.CHANGED.value and not spans:
        raise Invalid("bad_window", "Please give the times: the end lies after the beginning.", field="from_1")
    return Change(ChangeKind(kind), day, () if kind == ChangeKind.CANCELLED.value else spans)


def _number(typed: Typed, name: str, least: int, most: int, words: str) -> int:
    text = one(typed, name)
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and least <= int(text) <= most):
        raise Invalid("bad_number", words, field=name)
    return int(text)


def _numbers(typed: Typed, name: str) -> Collection[int]:
    return {int(text) for text in typed.get(name, ()) if text.isascii() and text.isdecimal() and len(text) <= 9}


def _ordinals(typed: Typed) -> Collection[int]:
    return {number for number in ORDINALS if str(number) in typed.get("ordinals", ())}


def _month_days(text: str) -> Collection[int]:
    found = re.sub(r"[,\uff0c\u3001]", " ", text).split()
    days = {int(word) for word in found if word.isascii() and word.isdecimal() and len(word) <= 2}
    if len(days) < len(set(found)) or any(not 1 <= day <= 31 for day in days):
        raise Invalid("month_days_missing", "Please enter days of the month, 1 to 31.", field="month_days")
    return days


def typed_again(form: PlanForm) -> dict[str, list[str]]:
    """The plan as its form shows it: checked again, it is the same plan."""
    rule, hours, audience = form.rule, form.rule.hours, form.audience
    numbers = {
        "official_id": form.official_id,
        "slot_minutes": hours.length,
        "buffer_minutes": hours.buffer,
        "capacity": hours.capacity,
        "notice_days": form.notice_days,
        "horizon_days": form.horizon_days,
    }
    typed = {name: [str(number)] for name, number in numbers.items()}
    for at, (opens, closes) in enumerate(hours.spans, 1):
        typed[f"from_{at}"], typed[f"to_{at}"] = [_clock(opens)], [_clock(closes)]
    return {
        **typed,
        "repeat": [rule.repeat.value],
        "weekdays": [str(day) for day in sorted(rule.weekdays)],
        "ordinals": [str(number) for number in sorted(rule.ordinals)],
        "month_days": ["、".join(str(day) for day in sorted(rule.month_days))],
        "valid_from": [rule.valid_from.isoformat()],
        "valid_until": [rule.valid_until.isoformat() if rule.valid_until else ""],
        "on_day_off": [rule.on_day_off.value],
        "townships": [str(key) for key in sorted(audience.townships)],
        "contents": sorted(audience.contents),
        "units": [str(key) for key in sorted(audience.units)],
    }


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02d}"
