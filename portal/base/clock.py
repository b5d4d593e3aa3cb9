"""Time: the only module that reads the clock. Stored in UTC, shown in Asia/Kolkata."""

import time as system_time
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

IST = ZoneInfo("Asia/Kolkata")
SKEW = timedelta(minutes=2)  # so far two clocks may differ, or one be set, before an age means something else


class Clock:
    """Ticks like the system's; may start elsewhere, as the demonstration does."""

    def __init__(self, start: datetime | None = None) -> None:
        self._shift = (start - datetime.now(UTC)) if start else timedelta()

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        return datetime.now(UTC) + self._shift

    def ahead(self) -> float:
        """Seconds by which it is ahead of a clock that never jumps: this changes when somebody sets the clock."""
        return self.now().timestamp() - monotonic()


class Steps:
    """Notices that the clock was set by more than clocks differ, so that nobody is punished for it (safety.md F35)."""

    def __init__(self) -> None:
        self._clock: Clock | None = None
        self._ahead = 0.0
        self._last: datetime | None = None

    def last(self, now: datetime) -> datetime | None:
        """When this process first saw the clock as it is set now; None when nobody has set it."""
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
    """The present moment, aware, UTC. Called at the edge only; rules take `now` as an argument."""
    return _clock.now()


def monotonic() -> float:
    """Seconds that never jump, for measuring durations."""
    return system_time.monotonic()


def sleep(seconds: float) -> None:
    """Wait for real."""
    system_time.sleep(seconds)


def ist(moment: datetime) -> datetime:
    """The same moment on an Indian wall clock."""
    return moment.astimezone(IST)


def clinic_day(now: datetime) -> date:
    """The clinic's date at this moment: the only way from a moment to a date."""
    return ist(now).date()


def at_ist(day: date, at: time) -> datetime:
    """The UTC moment of an Indian wall-clock time on a day."""
    return datetime.combine(day, at, IST).astimezone(UTC)
