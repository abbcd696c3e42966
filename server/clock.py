"""Time, as a value that is passed in. Rules never read a clock."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

DISTRICT_ZONE = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the time; ``tests/fakes.py`` has one that can be set."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        return datetime.now(UTC)


def local_date(instant: datetime) -> date:
    """The calendar day of ``instant`` in the district."""
    return instant.astimezone(DISTRICT_ZONE).date()
