"""The order of the one list, and why somebody stands where they stand.

Everybody counts from an instant: the booked time, or the arrival. Only two things move somebody from there, and both
are told: a reason of priority credits minutes, and of those who came without a time from one point each stands at
least a share after the one before, so that other points come between. Whoever has waited the longest that anybody may
is overtaken no more.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from server.clock import DISTRICT_ZONE
from server.scheduling.words import Priority

PRIORITIES: dict[Priority, str] = {
    Priority.OLD: "of great age",
    Priority.DISABLED: "disabled",
    Priority.ILL: "ill or pregnant",
    Priority.FAR: "comes from far",
    Priority.DEADLINE: "has a deadline that is near",
}
ON_TIME = "booked for {time}, and here in time"
LATE = "booked for {time}, but came at {came}, so this counts"
WALK_IN = "came at {came} without a booking, so this counts"
CREDITED = "{why}, so {minutes} minutes are credited"
PASSED = "{count} with priority go first"
SHARED = "several came from the same point, so {count} of other points go first"
OVERDUE = "has waited {minutes} minutes, so nobody who came later goes first"
JOINED = "{one}; {other}"
SENTENCES = (ON_TIME, LATE, WALK_IN, CREDITED, PASSED, SHARED, OVERDUE, JOINED)
Key = tuple[datetime, bool, datetime, str]


@dataclass(frozen=True)
class Rules:
    """How the list is ordered.

    ``grace``: how late a booked visitor may be. ``credit``: what priority is worth, for which ``reasons``, from which
    age on. ``share``: how far apart walk-ins of one point stand. ``longest``: the wait after which nobody is overtaken.
    """

    grace: timedelta = timedelta(minutes=10)
    credit: timedelta = timedelta(minutes=30)
    share: timedelta = timedelta(minutes=20)
    longest: timedelta = timedelta(minutes=60)
    reasons: frozenset[Priority] = frozenset(Priority)
    old_age: int = 70


@dataclass(frozen=True)
class Visitor:
    """What the order depends on. ``slot_at`` is empty for a walk-in; ``gone``: was admitted, and keeps its share."""

    number: str
    checked_in_at: datetime
    slot_at: datetime | None = None
    point: int = 0
    priority: Priority | None = None
    gone: bool = False


@dataclass(frozen=True)
class Clause:
    """A part of the sentence that explains a place, and what is filled in."""

    message: str
    time: datetime | None = None
    came: datetime | None = None
    count: int = 0
    minutes: int = 0
    why: str = ""


@dataclass(frozen=True)
class Placed:
    """A visitor with the instant that counts, the one by which it is ordered, and the reasons."""

    visitor: Visitor
    counts_from: datetime
    turn: datetime
    clauses: tuple[Clause, ...] = field(default=(), compare=False)

    @property
    def key(self) -> Key:
        """The order in which people would go if nothing moved them; a booking before an arrival of the same minute."""
        return self.counts_from, not self.on_time, self.visitor.checked_in_at, self.visitor.number

    @property
    def on_time(self) -> bool:
        """Whether a booked time counts."""
        return self.visitor.slot_at == self.counts_from and self.visitor.slot_at is not None

    @property
    def late(self) -> bool:
        """Whether the visitor came so late that the arrival counts."""
        return self.visitor.slot_at is not None and not self.on_time


def in_order(visitors: Iterable[Visitor], *, now: datetime, rules: Rules) -> list[Placed]:
    """Everybody who waits, first one first, each with the reasons. Those ``gone`` count, but are not listed."""
    turns = _turns(visitors, rules)
    overdue = {one.visitor.number for one in turns if now - one.counts_from >= rules.longest}
    waiting = [one for one in turns if not one.visitor.gone]

    def order(one: Placed) -> tuple[bool, datetime, Key]:
        late = one.visitor.number in overdue
        return not late, one.counts_from if late else one.turn, one.key

    ordered = sorted(waiting, key=order)
    return [_explained(one, ordered[:index], ordered, now, rules) for index, one in enumerate(ordered)]


def counted_from(visitor: Visitor, *, grace: timedelta) -> datetime:
    """A booked visitor counts from the slot, unless more than ``grace`` late; everybody else from arrival."""
    if visitor.slot_at is not None and visitor.checked_in_at <= visitor.slot_at + grace:
        return visitor.slot_at
    return visitor.checked_in_at


def credited(visitor: Visitor, rules: Rules) -> bool:
    """Whether the visitor's reason has priority here."""
    return visitor.priority is not None and visitor.priority in rules.reasons


def _turns(visitors: Iterable[Visitor], rules: Rules) -> list[Placed]:
    counted = [(one, counted_from(one, grace=rules.grace)) for one in visitors]
    before: dict[int, datetime] = {}
    made = []
    for plain in sorted((Placed(one, at, at) for one, at in counted), key=lambda one: one.key):
        visitor, at = plain.visitor, plain.counts_from
        if credited(visitor, rules):
            made.append(Placed(visitor, at, at - rules.credit))
        elif plain.on_time:
            made.append(plain)
        else:
            turn = max(at, before[visitor.point] + rules.share) if visitor.point in before else at
            before[visitor.point] = turn
            made.append(Placed(visitor, at, turn))
    return made


def _explained(one: Placed, ahead: list[Placed], everybody: list[Placed], now: datetime, rules: Rules) -> Placed:
    passing = [other for other in ahead if other.key > one.key]
    favoured = sum(credited(other.visitor, rules) for other in passing)
    clauses = [_counted(one)]
    if credited(one.visitor, rules) and one.visitor.priority is not None:
        minutes = round(rules.credit.total_seconds() / 60)
        clauses.append(Clause(CREDITED, minutes=minutes, why=PRIORITIES[one.visitor.priority]))
    if favoured:
        clauses.append(Clause(PASSED, count=favoured))
    if len(passing) > favoured:
        clauses.append(Clause(SHARED, count=len(passing) - favoured))
    waited = now - one.counts_from
    if waited >= rules.longest and any(other.turn < one.turn and other.key > one.key for other in everybody):
        clauses.append(Clause(OVERDUE, minutes=int(waited.total_seconds() // 60)))
    return Placed(one.visitor, one.counts_from, one.turn, tuple(clauses))


def _counted(one: Placed) -> Clause:
    visitor = one.visitor
    if visitor.slot_at is None:
        return Clause(WALK_IN, came=visitor.checked_in_at)
    return Clause(ON_TIME if one.on_time else LATE, time=visitor.slot_at, came=visitor.checked_in_at)


def sentence(placed: Placed, words: Callable[[str], str]) -> str:
    """Why somebody stands there, in one sentence of the reader's language."""
    told = ""
    for clause in placed.clauses:
        part = words(clause.message).format(
            time=_clock(clause.time),
            came=_clock(clause.came),
            count=clause.count,
            minutes=clause.minutes,
            why=words(clause.why) if clause.why else "",
        )
        told = words(JOINED).format(one=told, other=part) if told else part
    return told


def _clock(instant: datetime | None) -> str:
    local = instant.astimezone(DISTRICT_ZONE) if instant is not None else None
    return f"{local.hour}:{local.minute:02d}" if local is not None else ""
