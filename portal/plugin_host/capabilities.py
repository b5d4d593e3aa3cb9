"""Capabilities that only plugins provide (SMS, video, documents), and what fails without an active provider."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.base.language import gettext as _
from portal.contracts import VerifiedIdentity
from portal.plugin_host import plugin_settings
from portal.plugin_host.discovery import misfit_of
from portal.plugin_host.models import PluginState, is_ailing
from portal.plugin_host.registry import Registry
from portal.settings.clinic import PageWords

DOCUMENTS = ("push_prescription", "push_visit")

# Hooks with failover to the next plugin: without an active one, nobody does the work.
KINDS = ("send_message", "open_room", *DOCUMENTS)

InUse = Callable[[str], int]
_in_use: list[InUse] = []
SignIn = Callable[[str, VerifiedIdentity, str], Any]
_sign_in: list[SignIn] = []
Fetch = Callable[[str], None]
_fetch: list[Fetch] = []
Count = Callable[[], int]
_counts: dict[str, Count] = {}


def counts_use(counter: InUse) -> InUse:
    """Register a function of (plugin name) that counts the plugin's resources in use, such as open rooms."""
    if counter not in _in_use:
        _in_use.append(counter)
    return counter


def signs_in_staff(function: SignIn) -> SignIn:
    """Register the function of (plugin, identity, target) that signs a member of staff in; it returns the redirect."""
    _sign_in[:] = [function]
    return function


def sign_in_staff(plugin: str, identity: VerifiedIdentity, target: str) -> Any:
    """Sign in the member of staff whom an administrator named for this identity. Raises NotAllowed."""
    return _sign_in[0](plugin, identity, target)


def fetches_records(function: Fetch) -> Fetch:
    """Register the function of a visit's uid that has its files fetched from the plugins, in jobs."""
    _fetch[:] = [function]
    return function


def fetch_records(visit_uid: str) -> None:
    """Have the files of a visit fetched from the plugins, in jobs."""
    _fetch[0](visit_uid)


def in_use(plugin: str) -> int:
    """Count a plugin's resources in use: while there are any, it stays reachable although switched off."""
    return sum(counter(plugin) for counter in _in_use)


def counts_waiting(what: str) -> Callable[[Count], Count]:
    """Register the function that counts what waits for plugins: `texts`, `visits`."""

    def register(function: Count) -> Count:
        _counts[what] = function
        return function

    return register


def cut_off(registry: Registry, name: str) -> list[str]:
    """List the consequences of switching this plugin off; empty while another one provides the same."""
    last = {hook for hook in KINDS if _is_last_provider(registry, name, hook)}
    sentences = []
    if "send_message" in last:
        sentences.append(
            _(
                "Nothing else sends texts. Without it no patient can sign in, because no OTP goes out, and nobody is "
                "told that the turn has come. Texts waiting to be sent now: %(texts)s. "
                "Patients with a token now: %(visits)s.",
                texts=_waiting("texts"),
                visits=_waiting("visits"),
            )
        )
    if "open_room" in last:
        sentences.append(
            _(
                "Nothing else opens video calls. Without it doctors can only telephone their patients. Patients with a "
                "token now: %(visits)s.",
                visits=_waiting("visits"),
            )
        )
    if last & set(DOCUMENTS):
        sentences.append(_("Nothing else sends documents outside. Those of patients who agreed to it stay here."))
    return sentences + (_others_in_name_only(registry, name, last) if sentences else [])


def lacks_senders(registry: Registry) -> str:
    """Return what follows from no plugin sending texts; "" where one is on."""
    if registry.implementations("send_message"):
        return ""
    return _("No plugin that sends texts is on: no patient can sign in, and nobody is told of the turn.")


def lacks_video(registry: Registry) -> str:
    """Return what follows from no plugin opening video calls; "" where one is on."""
    if registry.implementations("open_room"):
        return ""
    return _("No plugin that opens video calls is on: doctors can only telephone their patients.")


@dataclass(frozen=True)
class Gaps:
    """Missing capabilities as patients are told them; a sentence is empty where all is well."""

    has_senders: bool = True
    senders_ail: bool = False
    has_video: bool = True
    helpline: str = ""

    @property
    def otp(self) -> str:
        """Sentence for those who wait for an OTP. Without any sender none can be requested."""
        if not self.senders_ail:
            return ""
        return _(
            "SMS may come late or not at all at the moment. If none comes within two minutes, please call "
            "the helpline %(number)s.",
            number=self.helpline,
        )

    @property
    def texts(self) -> str:
        """Sentence for those who wait for their turn."""
        if not self.has_senders:
            return _("No SMS can be sent at the moment. Keep this page open: it says when your turn comes.")
        if not self.senders_ail:
            return ""
        return _("SMS may come late or not at all at the moment. Keep this page open: it says when your turn comes.")

    @property
    def video(self) -> str:
        """Sentence for those who expect a video call."""
        if self.has_video:
            return ""
        return _("There is no video at the moment: the doctor telephones you. Keep your telephone beside you.")


def gaps(registry: Registry) -> Gaps:
    """Return the current gaps, by the plugins' switches and health checks."""
    senders = [name for name, _function in registry.implementations("send_message")]
    return Gaps(
        has_senders=bool(senders),
        senders_ail=bool(senders) and all(is_ailing(name) for name in senders),
        has_video=bool(registry.implementations("open_room")),
        helpline=PageWords.in_force().helpline,
    )


def held_off(registry: Registry) -> list[tuple[str, str]]:
    """List (plugin, sentence) of plugins that are switched on but held off by invalid settings."""
    on = PluginState.select().where(PluginState.enabled & PluginState.name.in_(list(registry.installed)))
    return [
        (row.name, _why(registry, row.name))
        for row in on.order_by(PluginState.position)
        if not registry.is_on(row.name)
    ]


def _is_last_provider(registry: Registry, name: str, hook: str) -> bool:
    doers = [doer for doer, _function in registry.implementations(hook)]
    return name in doers and all(doer == name or is_ailing(doer) for doer in doers)


def _others_in_name_only(registry: Registry, name: str, hooks: set[str]) -> list[str]:
    others = {doer for hook in hooks for doer, _function in registry.implementations(hook)} - {name}
    return [
        _("%(title)s is on too, but does not work at the moment.", title=registry.title(other))
        for other in sorted(others)
    ]


def _why(registry: Registry, name: str) -> str:
    misfit = misfit_of(registry.installed[name])
    problems = (
        {"": misfit} if misfit else plugin_settings.problems(name, registry.schema(name), registry.config.environ)
    )
    reasons = "; ".join(f"{key}: {text}" if key else text for key, text in problems.items())
    return _("It is switched on but stays off until this is put right: %(reasons)s", reasons=reasons)


def _waiting(what: str) -> int:
    return _counts[what]()
