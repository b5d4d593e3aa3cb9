"""Modes of a consultation (TPG 2020, domain.md 1.2)."""

from portal.base.language import gettext as _

VIDEO_MODES = ("video", "audio")
PHONE = "phone"
MODES = (*VIDEO_MODES, PHONE, "text")


def names() -> dict[str, str]:
    """Return the names of the modes."""
    return {"video": _("Video"), "audio": _("Voice only"), "phone": _("Telephone"), "text": _("Text")}
