"""Giving another brand or the generic instead: the same salt only (domain.md 2.4)."""

import re

from portal.base.language import gettext as _
from portal.core.formulary import versions

_WITH_SALT = re.compile(r"([^()]*)\(([^()]*)\)")


def problem_of(drug: str, brand: str) -> str:
    """Explain why this brand may not be given for the prescribed medicine; "" when it may.

    One that the clinic's list does not know is given with its salt in brackets behind it.
    """
    listed = versions.in_force()
    match = _WITH_SALT.fullmatch(brand.strip())
    name, salt = (match[1].strip(), match[2].strip()) if match else (brand, "")
    if not listed.knows(name) and not salt:
        return _(
            "The list of medicines does not know %(brand)s. Write its salt behind it: %(brand)s (%(salt)s).",
            brand=brand,
            salt=drug,
        )
    told = [text for text in (name, salt) if text and (text == salt or listed.knows(text))]
    if all(listed.has_same_salt(drug, text) for text in told):
        return ""
    return _("%(brand)s is not %(medicine)s. Only the same salt may be given instead.", brand=brand, medicine=drug)
