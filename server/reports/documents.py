"""Papers made from the record: PDF by typst, always in Chinese, because they are official forms."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from server.clock import DISTRICT_ZONE, local_date
from server.petitions import labels
from server.petitions.categories import CONTENTS, OUTCOMES, PURPOSES
from server.petitions.models import Addendum, MinutesLine, SessionEvent
from server.petitions.service_record import Record
from server.petitions.words import ReadBack
from server.reports.signature import drawing
from server.reports.typesetting import typeset
from server.scheduling.explaining import why
from server.scheduling.service_publication import Published
from server.scheduling.workdays import Counted
from server.translation import DEFAULT_LOCALE, translate

WEEKDAYS = "一二三四五六日"
CONSENTS = {
    True: "接访前已告知全程录音录像及其用途,信访人表示同意。",
    False: "接访前已告知录音录像事宜,信访人表示不同意,本次接访未录音录像。",
    None: "本次接访未取得录音录像的同意,未录音录像。",
}


def minutes_pdf(record: Record) -> bytes:
    """The minutes of a talk as 接访笔录. The same record gives the same bytes."""
    return typeset("minutes.typ", minutes_data(record))


def receptions_pdf(rows: Sequence[Published], *, first: date, last: date, now: datetime, place: str = "") -> bytes:
    """The published list for posting (公示); ``place`` is the township it is narrowed to."""
    moved = [one for one in rows if one.counted is not None and one.counted.skipped]
    notes = ["群众可在村级视频接访点预约,当天也可直接到场排队。"]
    notes += [f"{_say_why(one.counted)}" for one in moved if one.counted is not None]
    data = {
        "title": f"{place}领导接访日程公示",
        "period": f"{first.year}年{_date(first)} 至 {last.year}年{_date(last)}",
        "days": [
            {"day": _date(day), "rows": [_reception(one) for one in some]}
            for day, some in groupby(rows, key=lambda one: one.day)
        ],
        "notes": notes,
        "issued": f"{_day(now)} 公布",
    }
    return typeset("receptions.typ", data)


def _say_why(counted: Counted) -> str:
    return why(counted, lambda message, **params: translate(message, DEFAULT_LOCALE, params), _date)


def _reception(one: Published) -> list[str]:
    times = "、".join(
        f"{opens // 60}:{opens % 60:02d}—{closes // 60}:{closes % 60:02d}" for opens, closes in one.hours.openings
    )
    whom = [*one.townships, *(_say(CONTENTS[key]) for key in one.contents)]
    return [times, f"{one.official} {one.post}".strip(), one.unit or "—", "、".join(whom) or "不限"]


def _say(message: str) -> str:
    return translate(message, DEFAULT_LOCALE)


def _moment(instant: datetime) -> str:
    local = instant.astimezone(DISTRICT_ZONE)
    return f"{_day(local)} {local:%H:%M}"


def _day(value: datetime) -> str:
    day = local_date(value)
    return f"{day.year}年{_date(day)}"


def _date(day: date) -> str:
    return f"{day.month}月{day.day}日(周{WEEKDAYS[day.weekday()]})"


def _instant(offset_ms: int | None, at: datetime) -> str:
    if offset_ms is None:
        return f"{at.astimezone(DISTRICT_ZONE):%H:%M:%S}"
    seconds = offset_ms // 1000
    return f"{seconds // 60:02d}:{seconds % 60:02d}"


def minutes_data(record: Record) -> dict[str, Any]:
    """What the form shows, as plain JSON types."""
    return {
        "number": record.petition.number or record.booking.number,
        "facts": _facts(record),
        "consent": CONSENTS[record.booking.consent],
        "lines": [_line(record, one) for one in record.lines],
        "events": [_event(record, one) for one in record.events],
        "outcome": _outcome(record),
        "promises": [
            [one.follow_up.what, one.unit, one.follow_up.person or "—", f"{one.follow_up.due_on:%Y-%m-%d}"]
            for one in record.promised
        ],
        "read_back": _read_back(record),
        "addenda": [_addendum(record, one) for one in record.addenda_of(None)],
        "signatures": [
            {
                "role": _say(labels.ROLES.get(one.role, one.role)),
                "drawing": drawing(one.path),
                "at": _moment(one.signed_at),
            }
            for one in record.signatures
        ],
        "official": f"{record.official.post} {record.official.display_name}".strip(),
    }


def _facts(record: Record) -> list[tuple[str, str]]:
    ends = record.session.talk_ended_at
    people = "、".join(
        f"{one.name or '(未留姓名)'}({_say(labels.ROLES.get(one.role, one.role))})" for one in record.participants
    )
    petition = record.petition
    return [
        ("接访编号", record.booking.number),
        ("信访编号", petition.number or "(尚未登记)"),
        ("时间", f"{_moment(record.session.started_at)} 至 {_moment(ends) if ends else '(未结束)'}"),
        ("地点", f"{record.township}{record.point.name}视频接访点"),
        ("在场人员", people),
        ("信访目的", _say(PURPOSES[petition.purpose])),
        ("信访内容", _say(CONTENTS.get(petition.content, petition.content))),
        ("反映事项", petition.summary),
        ("笔录版本", _version(record)),
    ]


def _version(record: Record) -> str:
    if not record.versions:
        return "(未留存)"
    newest = record.versions[-1].kept
    return f"第 {newest.number} 版({_say(labels.VERSIONS[newest.cause])}),校验码 {newest.digest[:24]}"


def _line(record: Record, line: MinutesLine) -> dict[str, Any]:
    return {
        "instant": _instant(line.offset_ms, line.written_at),
        "speaker": _say(labels.SPEAKERS.get(line.speaker, line.speaker)),
        "text": line.text,
        "objection": line.objection or "",
        "addenda": [_addendum(record, one) for one in record.addenda_of(line.id)],
    }


def _event(record: Record, event: SessionEvent) -> dict[str, str]:
    seat = next((one.role for one in record.participants if one.seat == event.seat), "")
    who = f"{_say(labels.ROLES[seat])}:" if seat in labels.ROLES else ""
    reason = str(event.detail.get("reason", ""))
    text = who + _say(labels.EVENTS.get(event.kind, labels.OTHER_EVENT)) + (f"({reason})" if reason else "")
    return {"instant": _instant(event.offset_ms, event.at), "text": text}


def _addendum(record: Record, one: Addendum) -> str:
    wording = f"本条应为:{one.wording}" if one.wording is not None else ""
    return f"{one.text}{wording}({record.authors[one.author_id]},{_moment(one.written_at)})"


def _outcome(record: Record) -> str:
    petition = record.petition
    if petition.outcome is None:
        return "(未作出)"
    parts: Sequence[str] = [
        _say(OUTCOMES[petition.outcome]),
        petition.outcome_opinion,
        f"责任单位:{record.unit}" if record.unit else "",
        f"办理期限:{petition.due_on:%Y-%m-%d}" if petition.due_on else "",
    ]
    return ";".join(part for part in parts if part)


def _read_back(record: Record) -> str:
    objections = sum(one.read_back is ReadBack.OBJECTED for one in record.lines)
    pending = sum(one.read_back is ReadBack.PENDING for one in record.lines)
    if pending:
        return f"以上笔录共 {len(record.lines)} 条,其中 {pending} 条未经信访人核对。"
    told = f",其中 {objections} 条提出异议,已附于该条之下" if objections else ",信访人确认无误"
    return f"以上笔录共 {len(record.lines)} 条,已逐条向信访人宣读核对{told}。"
