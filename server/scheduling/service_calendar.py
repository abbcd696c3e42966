"""The day table: versions of each year, and the calendar that is in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from server.accounts.roles import Action, Actor, require
from server.audit.service import record
from server.clock import local_date
from server.errors import NotFound
from server.places.naming import one_line
from server.scheduling.models import CalendarDay, CalendarVersion
from server.scheduling.words import Source
from server.scheduling.workdays import Calendar, Special, library_years

YEARS = range(2004, 2100)


@dataclass(frozen=True)
class Year:
    """A year as it is in force; ``version`` is empty while its notice is to come. ``offered`` by the program."""

    year: int
    version: CalendarVersion | None
    off: int
    made_up: int
    offered: bool


def calendar_in_force(db: Session) -> Calendar:
    """What everything counts with: the newest version of each year. A later year's notice may name earlier days."""
    specials: dict[date, Special] = {}
    newest = _newest(db)
    ids = {one.id: year for year, one in newest.items()}
    rows = db.exec(select(CalendarDay).where(col(CalendarDay.version_id).in_(ids))).all()
    for row in sorted(rows, key=lambda one: ids[one.version_id]):
        specials[row.day] = Special(row.working, row.holiday)
    return Calendar(specials, frozenset(newest))


def calendar_with(db: Session, year: int, days: Mapping[date, Special]) -> Calendar:
    """The calendar as it would be with these days for ``year``."""
    specials: dict[date, Special] = {}
    by_year = {one: days_of_version(db, version) for one, version in _newest(db).items()} | {year: days}
    for one in sorted(by_year):
        specials.update(by_year[one])
    return Calendar(specials, frozenset(by_year))


def _newest(db: Session) -> dict[int, CalendarVersion]:
    rows = db.exec(select(CalendarVersion).order_by(col(CalendarVersion.revision)))
    return {one.year: one for one in rows}


def days_of_version(db: Session, version: CalendarVersion) -> dict[date, Special]:
    """The days that a version names, in order."""
    rows = db.exec(select(CalendarDay).where(CalendarDay.version_id == version.id).order_by(col(CalendarDay.day)))
    return {one.day: Special(one.working, one.holiday) for one in rows}


def years(db: Session, *, actor: Actor, now: datetime) -> list[Year]:
    """The years that matter now and those that are known, the newest first."""
    require(actor, Action.SET_UP)
    newest, library, this = _newest(db), library_years(), local_date(now).year
    counts: dict[tuple[int, bool], int] = {
        (version_id, working): count
        for version_id, working, count in db.exec(
            select(CalendarDay.version_id, CalendarDay.working, func.count()).group_by(
                col(CalendarDay.version_id), col(CalendarDay.working)
            )
        )
    }
    found = []
    for year in sorted({*newest, *library, this, this + 1}, reverse=True):
        version = newest.get(year)
        key = (version.id or 0) if version else 0
        offered = year in library and version is None
        found.append(Year(year, version, counts.get((key, False), 0), counts.get((key, True), 0), offered))
    return found


def versions_of(db: Session, *, actor: Actor, year: int) -> list[CalendarVersion]:
    """Every version of a year, the one in force first."""
    require(actor, Action.SET_UP)
    if year not in YEARS:
        raise NotFound("no_such_year", "There is no calendar of this year.")
    query = select(CalendarVersion).where(CalendarVersion.year == year)
    return list(db.exec(query.order_by(col(CalendarVersion.revision).desc())))


def version_of(db: Session, *, actor: Actor, year: int, revision: int | None = None) -> CalendarVersion | None:
    """One version, or the one in force; none where there is none."""
    found = versions_of(db, actor=actor, year=year)
    return next((one for one in found if revision in {None, one.revision}), None)


def add_version(
    db: Session, *, actor: Actor, now: datetime, year: int, days: Mapping[date, Special], source: Source, why: str
) -> CalendarVersion:
    """Put a new version of a year in force. Two at once: the second fails on its revision and nothing is kept."""
    require(actor, Action.SET_UP)
    reason = one_line(why, field="why", most=200)
    known = versions_of(db, actor=actor, year=year)
    revision = known[0].revision + 1 if known else 1
    version = CalendarVersion(year=year, revision=revision, source=source, why=reason, made_by=actor.name, made_at=now)
    db.add(version)
    db.flush()
    db.add_all(
        CalendarDay(version_id=version.id or 0, day=day, working=one.working, holiday=one.holiday)
        for day, one in days.items()
    )
    db.flush()
    detail = {"year": year, "revision": revision, "source": source.value, "why": reason}
    record(
        db,
        actor=actor,
        now=now,
        action="calendar.adopted",
        subject="calendar",
        subject_id=version.id or 0,
        detail=detail,
    )
    return version
