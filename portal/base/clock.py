"""Time: the only module that reads the clock. Stored in UTC, shown in Asia/Kolkata."""

import time as system_time
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

IST = ZoneInfo("Asia/Kolkata")
SKEW = timedelta(minutes=2)  # tolerated clock skew between nodes, or a set clock


class Clock:
    """A clock that ticks like the system's; may start at another moment, as the demo does."""

    def __init__(self, start: datetime | None = None) -> None:
        self._shift = (start - datetime.now(UTC)) if start else timedelta()

    def now(self) -> datetime:
        """Return the current time, aware, UTC."""
        return datetime.now(UTC) + self._shift

    def ahead(self) -> float:
        """Return how many seconds wall time is ahead of monotonic time; changes when somebody sets the clock."""
        return self.now().timestamp() - monotonic()


class Steps:
    """Detect that the clock was set by more than the tolerated skew, so that nothing expires because of it (F35)."""

    def __init__(self) -> None:
        self._clock: Clock | None = None
        self._ahead = 0.0
        self._last: datetime | None = None

    def last(self, now: datetime) -> datetime | None:
        """Return when this process first saw the clock as it is set now; None when it was never set."""
        ahead = _clock.ahead()
        if self._clock is not _clock:
            self._clock, self._ahead, self._last = _clock, ahead, None
        elif abs(ahead - self._ahead) > SKEW.total_seconds():
            self._ahead, self._last = ahead, now
        return self._last


_clock = Clock()


def install(clock: Clock) -> None:
    """Make `clock` the process's clock (the application factory and tests do)."""
    global _clock
    _clock = clock


def now() -> datetime:
    """Return the current time, aware, UTC. Call it at the edge only; rules take `now` as an argument."""
    return _clock.now()


def monotonic() -> float:
    """Return seconds that never jump, for durations and timeouts."""
    return system_time.monotonic()


def sleep(seconds: float) -> None:
    """Block for so many real seconds."""
    system_time.sleep(seconds)


def ist(moment: datetime) -> datetime:
    """Convert a moment to Indian Standard Time."""
    return moment.astimezone(IST)


def clinic_day(now: datetime) -> date:
    """Return the clinic's date (IST) at this moment: the only conversion from a moment to a date."""
    return ist(now).date()


def last_at(hour: int, now: datetime) -> datetime:
    """Return the moment of this hour of the clinic, of today or, before it, of yesterday."""
    at = at_ist(clinic_day(now), time(hour))
    return at if at <= now else at - timedelta(days=1)


def at_ist(day: date, at: time) -> datetime:
    """Return the UTC moment of an IST wall-clock time on a day."""
    return datetime.combine(day, at, IST).astimezone(UTC)
