"""Try-out of a plugin by the administrator, before patients use it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.base.clock import ist
from portal.base.keys import random_uid
from portal.base.language import current
from portal.base.language import gettext as _
from portal.base.mobile import normalise
from portal.contracts import Message, VisitFact
from portal.core.messages.dlt import registration
from portal.core.messages.texts import render
from portal.plugin_host import plugin_settings
from portal.plugin_host.health import problem_of
from portal.plugin_host.registry import Registry


@dataclass(frozen=True)
class Outcome:
    """The outcome of one try."""

    ok: bool
    text: str


def what(registry: Registry, name: str) -> frozenset[str]:
    """Return the plugin's hooks that can be tried."""
    hooks = ("send_message", "open_room", "health_checks")
    return frozenset(hook for hook in hooks if hasattr(registry.installed[name], hook))


def drivers(registry: Registry, name: str) -> list[str]:
    """List the message drivers that can be tried one by one."""
    try:
        return list(registry.ask(name, "message_drivers") or [])
    except Exception:  # noqa: BLE001 a misconfigured plugin still has a page
        return []


def run(registry: Registry, name: str, *, to: str, driver: str = "", now: datetime) -> Iterator[Outcome]:
    """Check health, send an SMS to `to`, open and close a room: as far as the plugin has the hooks."""
    hooks = what(registry, name)
    if "health_checks" in hooks:
        yield from _health(registry, name)
    if "send_message" in hooks:
        yield _send(registry, name, to, driver, now)
    if "open_room" in hooks:
        yield _room(registry, name, now)


def _health(registry: Registry, name: str) -> Iterator[Outcome]:
    try:
        checks = registry.ask(name, "health_checks")
    except Exception as error:  # noqa: BLE001 the administrator is told whatever is wrong
        yield Outcome(False, _("Its health cannot be checked: %(error)s", error=_hidden(registry, name, error)))
        return
    for check in checks:
        problem = problem_of(registry, name, check)
        yield (
            Outcome(False, f"{check.name}: {problem}")
            if problem
            else Outcome(True, _("%(name)s: in order.", name=check.name))
        )


def _send(registry: Registry, name: str, to: str, driver: str, now: datetime) -> Outcome:
    try:
        mobile = normalise(to)
        text = render("test", current(), {"time": f"{ist(now):%H:%M}"})
        known = registration("test", current())
        message = Message(
            random_uid(),
            mobile,
            "test",
            current(),
            text,
            now + timedelta(minutes=5),
            driver=driver,
            dlt_entity=known.entity,
            dlt_header=known.header,
            dlt_template=known.template_id,
        )
        receipt = registry.ask(name, "send_message", message=message)
    except Exception as error:  # noqa: BLE001 the administrator is told whatever is wrong
        return Outcome(False, _("The message was not sent: %(error)s", error=_hidden(registry, name, error)))
    if receipt is None:
        return Outcome(False, _("The plugin did not take the message."))
    return Outcome(True, _taken(receipt.driver or name, receipt.reference))


def _taken(driver: str, number: str) -> str:
    if number:
        return _("%(driver)s took the message; its number there is %(number)s.", driver=driver, number=number)
    return _("%(driver)s took the message.", driver=driver)


def _room(registry: Registry, name: str, now: datetime) -> Outcome:
    try:
        room = registry.ask(name, "open_room", visit=VisitFact(random_uid(), "TEST-001", "test", 1), now=now)
        closed = registry.ask(name, "close_room", room=room)
    except Exception as error:  # noqa: BLE001 the administrator is told whatever is wrong
        return Outcome(False, _("No room could be opened: %(error)s", error=_hidden(registry, name, error)))
    return Outcome(bool(closed), _("A room was opened and closed again."))


def _hidden(registry: Registry, name: str, error: Exception) -> str:
    """Return the error message with the plugin's secrets masked."""
    try:
        secrets = plugin_settings.secrets_in(registry.settings(name))
    except ValueError:
        secrets = []
    return plugin_settings.masked(str(error) or type(error).__name__, secrets)
