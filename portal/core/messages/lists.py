"""Lists of messages for people who look after them."""

from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary
from portal.core.messages.models import Message

PAGE = 50


def outbox(*, state: str, template: str, mobile: str, page: int) -> tuple[list[Message], bool]:
    """One page of messages, newest first, and whether there are more. `mobile` is masked: 98…10."""
    found = Message.select()
    if state:
        found = found.where(Message.state == state)
    if template:
        found = found.where(Message.template == template)
    if mobile:
        first, last = mobile.split("…")
        found = found.where(Message.to.startswith(f"+91{first}") & Message.to.endswith(last))
    rows = list(found.order_by(Message.id.desc()).limit(PAGE + 1).offset((page - 1) * PAGE))
    return rows[:PAGE], len(rows) > PAGE


def people_at(mobile: str) -> list[Beneficiary]:
    """The registered people who share this mobile: whom to ask for on the telephone."""
    return list(Beneficiary.select().join(Account).where(Account.mobile == mobile).order_by(Beneficiary.id))
