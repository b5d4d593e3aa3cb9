"""What does not work at the moment, said where people would wait for it, with whom to phone."""

from portal.base.language import gettext as _
from portal.plugin_host.models import is_ailing
from portal.plugin_host.registry import registry
from portal.store import settings

Gaps = dict[str, str]


def gaps() -> Gaps:
    """Sentences under `otp`, `texts` and `video`; empty where all is well. For templates."""
    helpline = settings.get("helpline")
    senders = [name for name, _function in registry().implementations("send_message")]
    found = {"otp": "", "texts": "", "video": ""}
    if not senders:
        found["texts"] = _("No SMS can be sent at the moment. Keep this page open: it says when your turn comes.")
    elif all(is_ailing(name) for name in senders):
        found["otp"] = _(
            "SMS may come late or not at all at the moment. If none comes within two minutes, please call "
            "the helpline %(number)s.",
            number=helpline,
        )
        found["texts"] = _(
            "SMS may come late or not at all at the moment. Keep this page open: it says when your turn comes."
        )
    if not registry().implementations("open_room"):
        found["video"] = _(
            "There is no video at the moment: the doctor telephones you. Keep your telephone beside you."
        )
    return found
