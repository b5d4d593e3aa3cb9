"""Words for roles on the administrator's pages."""

from portal.base.language import gettext as _


def role_words() -> dict[str, str]:
    """Each role of staff in words."""
    return {
        "medical_officer": _("Medical Officer"),
        "doctor": _("Doctor"),
        "pharmacist": _("Pharmacist"),
        "desk": _("Desk"),
        "admin": _("Administrator"),
        "auditor": _("Auditor"),
    }
