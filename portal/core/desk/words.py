"""Sentences of the desk's forms: they speak of the person, where those of the family's forms say "you"."""

from collections.abc import Mapping

from portal.base.language import gettext as _
from portal.settings.clinic import ReferralRules


def of_registration(errors: Mapping[str, str]) -> dict[str, str]:
    """Say the errors of a registration to the desk."""
    said = {
        "address": _("Give the address where the person is, in at most 200 characters."),
        "consent": _(
            "Without the person's consent no data may be kept. Read the notice to the person, then tick the box."
        ),
    }
    return _said(errors, said)


def of_token(errors: Mapping[str, str]) -> dict[str, str]:
    """Say the errors of a token request to the desk."""
    said = {
        "consent": _("Without the person's consent the doctor may not treat. Ask the person, then tick the box."),
    }
    return _said(errors, said)


def no_referral(name: str) -> str:
    """Say that nothing permits a token, and who can help."""
    return _(
        "%(name)s has no referral to this specialist that is valid and not used up. The medical officer of your centre "
        "can give one. From the age of %(age)s none is needed.",
        name=name,
        age=ReferralRules.in_force().referral_exempt_age,
    )


def no_call() -> str:
    """Say that there is no call to answer."""
    return _("This call is over. The place is kept: press “Still here”, and the doctor calls again.")


def _said(errors: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    return {field: said.get(field, sentence) for field, sentence in errors.items()}
