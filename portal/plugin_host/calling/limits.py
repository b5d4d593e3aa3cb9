"""Time limits of hooks that pages wait for: each call runs in a thread, which nobody waits for any longer."""

import threading
from collections import Counter
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from portal.contracts import GatewayError
from portal.store.db import database

# Seconds. Pages go on without the answer; the hooks that are not here are bounded by their job, or not awaited.
LIMITS = {
    "staff_sign_in": 1.0,
    "identity_step": 1.0,
    "identify_beneficiary": 8.0,
    "token_gate": 5.0,
    "visit_panel": 4.0,
    "report_section": 4.0,
}
MOST_HANGING = 4  # calls of one plugin that are not back yet: more would fill the process with threads


class TooSlow(GatewayError):
    """A plugin did not answer within its time."""


class Limiter:
    """Calls with a time limit. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()

    def call(self, plugin: str, seconds: float, function: Callable[[], Any]) -> Any:
        """Call a function of a plugin, in this request's context. Raises TooSlow, and what the function raises.

        A call that is too slow goes on by itself: Python cannot end a thread. Its answer is dropped.
        """
        with self._lock:
            if self._running[plugin] >= MOST_HANGING:
                raise TooSlow(f"{MOST_HANGING} calls of it hang.")
            self._running[plugin] += 1
        outcome: list[tuple[Any, BaseException | None]] = []
        context = copy_context()

        def run() -> None:
            try:
                outcome.append((context.run(function), None))
            except BaseException as error:  # noqa: BLE001 raised again where it is awaited
                outcome.append((None, error))
            finally:
                database.close()  # the connection of this thread
                with self._lock:
                    self._running[plugin] -= 1

        thread = threading.Thread(target=run, name=f"hook of {plugin}", daemon=True)
        thread.start()
        thread.join(seconds)
        if not outcome:
            raise TooSlow(f"It took longer than {seconds:g} seconds.")
        answer, error = outcome[0]
        if error is not None:
            raise error
        return answer
