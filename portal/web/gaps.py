"""What does not work at the moment, said where people would wait for it, with whom to phone."""

from dataclasses import dataclass

from portal.base.language import gettext as _
from portal.plugin_host.models import is_ailing
from portal.plugin_host.registry import registry
from portal.store import settings


@dataclass(frozen=True)
class Gaps:
    """What is missing, the same for everybody; the sentences are made in the reader's language, empty where all is well."""

    has_senders: bool = True
    senders_ail: bool = False
    has_video: bool = True
    helpline: str = ""

    @property
    def otp(self) -> str:
        """For those who wait for a code. Without any sender no code can be asked for at all."""
        if not self.senders_ail:
            return ""
        return _(
            "SMS may come late or not at all at the moment. If none comes within two minutes, please call "
            "the helpline %(number)s.",
            number=self.helpline,
        )

    @property
    def texts(self) -> str:
        """For those who wait for their turn."""
        if not self.has_senders:
            return _("No SMS can be sent at the moment. Keep this page open: it says when your turn comes.")
        if not self.senders_ail:
            return ""
        return _("SMS may come late or not at all at the moment. Keep this page open: it says when your turn comes.")

    @property
    def video(self) -> str:
        """For those who expect to see the doctor."""
        if self.has_video:
            return ""
        return _("There is no video at the moment: the doctor telephones you. Keep your telephone beside you.")


def gaps() -> Gaps:
    """As the registry, and what its probes found, have it now."""
    senders = [name for name, _function in registry().implementations("send_message")]
    return Gaps(
        has_senders=bool(senders),
        senders_ail=bool(senders) and all(is_ailing(name) for name in senders),
        has_video=bool(registry().implementations("open_room")),
        helpline=str(settings.get("helpline")),
    )
