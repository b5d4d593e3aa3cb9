"""Letters to staff about their sign-in, by a plugin that sends e-mail; never by SMS (S25)."""

from datetime import datetime

import structlog

from portal.base import language
from portal.base.keys import random_uid
from portal.base.language import gettext as _
from portal.base.language import in_language, show_moment
from portal.contracts import GatewayError, Letter
from portal.core.accounts.models import Staff
from portal.core.accounts.resets.models import StaffResetConfirmed
from portal.plugin_host.registry import registry
from portal.work import audit
from portal.work.audit import Actor
from portal.work.events import Event, listener

log = structlog.get_logger(__name__)


def is_on() -> bool:
    """Is a plugin on that sends letters?"""
    return bool(registry().implementations("send_letter"))


def can_mail(person: Staff) -> bool:
    """Has the person an address, and is a plugin on that sends letters?"""
    return bool(person.email) and is_on()


def mail_code(person: Staff, code: str, until: datetime, address: str, *, by: Actor, now: datetime) -> str:
    """Mail a one-time code. Returns why it did not go, "" when it went."""
    if not can_mail(person):
        return _("No plugin that sends e-mail is on, or no address is set.")
    with language.speaking(person.language):
        words = (
            _("Your code for choosing a password: %(code)s", code=code),
            _("Sign in at %(address)s as %(name)s with it.", address=address, name=person.username),
            _("It is valid until %(when)s. Nobody of the clinic asks you for it.", when=show_moment(until)),
        )
        letter = Letter(random_uid(), (person.email,), _("Your sign-in to the tele-OPD"), "\n\n".join(words) + "\n")
    why = _send(letter)
    if not why:
        audit.note("StaffCodeMailed", person.uid, by=by, now=now)
    return why


@listener(StaffResetConfirmed)
def tell_both(event: Event, now: datetime) -> None:
    """Write to the person and to the administrator who asked. Who has no address sees it at the next sign-in."""
    kind, asked_by = StaffResetConfirmed.of(event).kind, StaffResetConfirmed.of(event).asked_by
    person = Staff.get(Staff.uid == event.subject)
    for each in Staff.select().where(Staff.uid.in_([event.subject, asked_by])):
        if not can_mail(each):
            continue
        with language.speaking(each.language):
            words = [
                _(
                    "Two administrators have agreed: %(what)s for %(name)s.",
                    what=words_of()[kind],
                    name=in_language(person),
                )
            ]
            if each == person:
                words.append(_("If you have not asked for it, tell the clinic at once."))
            subject = _("A sign-in to the tele-OPD is reset")
            _send(Letter(f"{event.uid}-{each.uid}", (each.email,), subject, "\n\n".join(words) + "\n"))


def words_of() -> dict[str, str]:
    """Return what each kind of reset does, in words."""
    return {
        "code": _("a new code for the password"),
        "factor": _("take the second factor away"),
        "identity": _("name an identity elsewhere"),
    }


def _send(letter: Letter) -> str:
    try:
        answer = registry().first("send_letter", letter=letter)
    except GatewayError as error:
        return str(error)[:200] or type(error).__name__
    except Exception as error:  # noqa: BLE001 whatever a plugin breaks with, the letter has not gone for sure
        log.warning("letter_not_sent", error=type(error).__name__)
        return type(error).__name__
    return "" if answer else _("No plugin that sends e-mail took it.")
