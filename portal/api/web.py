"""Pages: who may open them, who has, what they answer. Views only; services know no request.

Every form carries a token (`ui.csrf()`); `csrf.exempt(view)` is for machines that prove themselves otherwise.
"""

from dataclasses import dataclass

from portal.web import access
from portal.web.access import actor, allow
from portal.web.errors import answer as error_answer
from portal.web.errors import own_page as error_page
from portal.web.filters import in_language
from portal.web.incoming.json_bodies import Unreadable, body_within, read_json, strict_json, too_big
from portal.web.incoming.large_bodies import takes_files
from portal.web.pages import json_answer, page, page_number, see_other, send_bytes, wants_json
from portal.web.security import content_policy, csrf

__all__ = [
    "SignedIn",
    "Unreadable",
    "actor",
    "allow",
    "body_within",
    "content_policy",
    "csrf",
    "error_answer",
    "error_page",
    "in_language",
    "json_answer",
    "page",
    "page_number",
    "read_json",
    "see_other",
    "send_bytes",
    "signed_in",
    "strict_json",
    "takes_files",
    "too_big",
    "wants_json",
]


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in: an account, whose role is `beneficiary`, or a member of staff. `uid` is theirs."""

    uid: str
    role: str

    @property
    def is_staff(self) -> bool:
        """A member of staff, and no beneficiary's account."""
        return self.role != "beneficiary"


def signed_in() -> SignedIn:
    """Who is signed in, in a view for the signed-in. Asks no database. Raises NotAllowed where nobody is."""
    person = access.person()
    return SignedIn(person.actor.uid, person.role)
