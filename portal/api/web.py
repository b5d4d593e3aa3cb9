"""Views: permissions, the signed-in person, pages and JSON, request bodies. For views only, not for services.

Every form carries a CSRF token (`ui.csrf()`); use `csrf.exempt(view)` only for webhooks authenticated otherwise.
"""

from dataclasses import dataclass

from flask import Response

from portal.base.language import in_language
from portal.contracts import VerifiedIdentity
from portal.plugin_host import capabilities
from portal.web import access
from portal.web.access import actor, allow
from portal.web.errors import answer as error_answer
from portal.web.errors import own_page as error_page
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
    "sign_in_staff",
    "signed_in",
    "strict_json",
    "takes_files",
    "too_big",
    "wants_json",
]


@dataclass(frozen=True)
class SignedIn:
    """The signed-in person: an account, with the role `beneficiary`, or a member of staff. `uid` identifies it."""

    uid: str
    role: str

    @property
    def is_staff(self) -> bool:
        """Is it a member of staff?"""
        return self.role != "beneficiary"


def signed_in() -> SignedIn:
    """Return the signed-in person, without a query. Raises NotAllowed."""
    person = access.person()
    return SignedIn(person.actor.uid, person.role)


def sign_in_staff(plugin: str, identity: VerifiedIdentity, target: str = "") -> Response:
    """Sign in the member of staff whom an administrator named for this identity; returns the redirect to `target`.

    Only for a plugin with the hook `staff_sign_in`, which has verified the identity. The portal asks for its own second
    factor as the clinic has set it. Raises NotAllowed for an identity that nobody named.
    """
    answer: Response = capabilities.sign_in_staff(plugin, identity, target)
    return answer
