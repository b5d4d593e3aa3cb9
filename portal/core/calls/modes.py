"""Modes of a consultation, and the callbacks of a change (TPG 2020, domain.md 1.6)."""

from collections.abc import Callable

from portal.base.language import gettext as _

VIDEO_MODES = ("video", "audio")
PHONE = "phone"
MODES = (*VIDEO_MODES, PHONE, "text")

Follower = Callable[[int, str], None]
_followers: list[Follower] = []


def names() -> dict[str, str]:
    """Return the names of the modes."""
    return {"video": _("Video"), "audio": _("Voice only"), "phone": _("Telephone"), "text": _("Text")}


def follows_mode(function: Follower) -> Follower:
    """Register a callback of (visit id, mode), called in the transaction in which the mode changes."""
    _followers.append(function)
    return function


def tell(visit_id: int, mode: str) -> None:
    """Call the callbacks: the call of this visit goes on in another mode."""
    for function in _followers:
        function(visit_id, mode)
