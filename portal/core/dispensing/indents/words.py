"""Words of indents on pages."""

from portal.base.language import gettext as _


def order_words() -> dict[str, str]:
    """Map the states of indents to their words."""
    return {
        "indented": _("Indented"),
        "ready": _("Ready"),
        "collected": _("Collected"),
        "lapsed": _("Lapsed"),
        "withdrawn": _("Withdrawn"),
        "overtaken": _("Prescription changed"),
    }
