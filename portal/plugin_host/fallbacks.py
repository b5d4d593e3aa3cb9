"""Fallbacks when no active plugin answers: the clinic works with every plugin off."""

import re
from dataclasses import fields, replace
from datetime import date, datetime
from math import isfinite
from typing import Any, TypeVar

import structlog
from pydantic import TypeAdapter

from portal.base.keys import random_uid
from portal.base.plain_text import one_line, shortened
from portal.contracts import (
    IdentityAnswer,
    IdentityClaim,
    IdentityStep,
    Message,
    MessageChannel,
    Panel,
    Receipt,
    Refusal,
    ReportTable,
    Room,
    SignInWay,
    TokenWish,
    VisitFact,
)
from portal.plugin_host.registry import Failed, Registry

TELEPHONE = "telephone"
LONGEST_TEXT = 300  # of what a plugin says on a page
Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)


def send(registry: Registry, message: Message, failed: Failed) -> tuple[str, Receipt] | None:
    """Send a message and return (plugin, receipt); None when no sender is active and a person has to phone.

    `failed` is called for each sender that failed. Raises GatewayError when every one did.
    """
    return registry.first("send_message", failed, message=message)


def open_room(registry: Registry, visit: VisitFact, now: datetime) -> Room:
    """Open a room with the first video plugin that answers, else return a telephone call."""
    answer = registry.first("open_room", visit=visit, now=now)
    if answer is not None:
        return answer[1]  # type: ignore[no-any-return]
    return Room(random_uid(), visit.uid, visit.attempt, TELEPHONE, random_uid())


def can_send(registry: Registry) -> bool:
    """Is a sender active? Without one nobody gets an OTP."""
    return bool(registry.implementations("send_message"))


def refusal_of(registry: Registry, wish: TokenWish, now: datetime) -> Refusal | None:
    """Return why a plugin refuses this token. A plugin that fails or is slow refuses nobody: care goes first."""
    for name, refusal in _answers(registry, "token_gate", Refusal, wish=wish, now=now):
        text = shortened(one_line(refusal.text), LONGEST_TEXT)
        if text:
            has_link = is_own_page(name, refusal.url) and refusal.label
            return Refusal(text, refusal.url, one_line(refusal.label)[:60]) if has_link else Refusal(text)
        log.error("plugin_answer_refused", plugin=name, hook="token_gate")
    return None


def panels_of(registry: Registry, visit: VisitFact) -> list[tuple[str, Panel]]:
    """List (plugin, panel) for the doctor's page; what fails or is slow is left out."""
    return _answers(registry, "visit_panel", Panel, visit=visit)


def sign_in_ways(registry: Registry) -> list[SignInWay]:
    """List the buttons of the sign-in page of staff; the password is always there."""
    found = _answers(registry, "staff_sign_in", SignInWay)
    return [way for name, way in found if is_own_page(name, way.url) and one_line(way.label)]


def identity_steps(registry: Registry) -> list[tuple[str, IdentityStep]]:
    """List (plugin, step) of the plugins that verify a number elsewhere; one without a name or a URI is left out."""
    found = _answers(registry, "identity_step", IdentityStep)
    return [(name, step) for name, step in found if _is_step(step)]


def identified(registry: Registry, plugin: str, claim: IdentityClaim, now: datetime) -> IdentityAnswer | None:
    """Have one plugin verify a claim; None when it is off, fails, is slow, or answers what makes no sense."""
    if not registry.is_on(plugin):
        return None
    try:
        answer = registry.ask(plugin, "identify_beneficiary", claim=claim, now=now)
        return None if answer is None else _plain(_valid(answer, IdentityAnswer))
    except Exception as error:  # noqa: BLE001 registration goes on; its text may hold the number
        log.error("plugin_answer_refused", plugin=plugin, hook="identify_beneficiary", error=type(error).__name__)  # noqa: TRY400
        return None


def channels_of(registry: Registry) -> list[tuple[str, MessageChannel]]:
    """List (plugin, channel) of all channels beside SMS; one that is not as promised is left out."""
    found = []
    for name, answer in registry.collect_named("message_channels"):
        for each in answer if isinstance(answer, list | tuple) else ():
            try:
                found.append((name, _channel(_valid(each, MessageChannel))))
            except (TypeError, ValueError) as error:
                log.error("plugin_answer_refused", plugin=name, hook="message_channels", error=type(error).__name__)  # noqa: TRY400
    return found


def report_tables(registry: Registry, first: date, last: date) -> list[tuple[str, ReportTable]]:
    """List (plugin, table) for the report; a table whose rows do not fit its columns is left out."""
    found = _answers(registry, "report_section", ReportTable, first=first, last=last)
    return [(name, table) for name, table in found if _is_table(table)]


def is_own_page(plugin: str, url: str) -> bool:
    """Is it a page of this plugin? Nowhere else does a button of the portal lead because a plugin says so."""
    return url.startswith(f"/x/{plugin}/") and ".." not in url and "\\" not in url and url.isprintable()


def _answers(registry: Registry, hook: str, kind: type[Answer], **arguments: object) -> list[tuple[str, Answer]]:
    """Call every active plugin; list the answers that are what the hook promises, each value of its kind."""
    found = []
    for name, answer in registry.collect_named(hook, **arguments):
        try:
            if answer is not None:
                found.append((name, _valid(answer, kind)))
        except (TypeError, ValueError) as error:  # its text may hold what the plugin said of a person
            log.error("plugin_answer_refused", plugin=name, hook=hook, error=type(error).__name__)  # noqa: TRY400
    return found


def _valid(answer: Any, kind: type[Answer]) -> Answer:
    """Rebuild an answer from its values. Raises TypeError for another class, ValueError for a wrong value in it."""
    if not isinstance(answer, kind):
        raise TypeError
    values = {each.name: getattr(answer, each.name) for each in fields(answer)}  # type: ignore[arg-type]
    rebuilt: Answer = TypeAdapter(kind).validate_python(values)
    return rebuilt


def _channel(channel: MessageChannel) -> MessageChannel:
    """Raise ValueError for a key, label, help or wait that pages and tables cannot take."""
    is_named = re.fullmatch(r"[a-z][a-z0-9_]{0,19}", channel.key) and 0 < len(one_line(channel.label)) <= 40
    if not is_named or not 5 <= channel.seconds <= 120 or len(channel.help) > LONGEST_TEXT:
        raise ValueError(channel.key)
    return channel


def _is_step(step: IdentityStep) -> bool:
    is_uri = re.fullmatch(r"(https?|urn):[!-~]{3,190}", step.system) is not None
    return is_uri and 0 < len(one_line(step.name)) <= 60 and len(step.help) <= LONGEST_TEXT


def _plain(answer: IdentityAnswer) -> IdentityAnswer:
    """Shorten what is shown. Raises ValueError without the number or the words that its state needs."""
    number, text = one_line(answer.number), shortened(one_line(answer.text), LONGEST_TEXT)
    if not (0 < len(number) <= 64 if answer.state == "verified" else text):
        raise ValueError(answer.state)
    return replace(answer, number=number, text=text, verified_by=one_line(answer.verified_by)[:80])


def _is_table(table: ReportTable) -> bool:
    numbers = [value for _label, values in table.rows for value in values if value is not None]
    return all(len(values) == len(table.columns) for _label, values in table.rows) and all(map(isfinite, numbers))
