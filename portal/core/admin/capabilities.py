"""What the clinic can do only while a plugin that is on does it, and who is cut off without one."""

from peewee import fn

from portal.base.language import gettext as _
from portal.core.messages.models import Message
from portal.core.visits.models import Visit
from portal.core.visits.states import OPEN
from portal.plugin_host import plugin_settings
from portal.plugin_host.models import PluginHealth, PluginState
from portal.plugin_host.registry import Registry

DOCUMENTS = ("push_prescription", "push_visit")
# Hooks that pass on to the next plugin: when the last one that is on goes, nobody does the work.
KINDS = ("send_message", "open_room", *DOCUMENTS)


def cut_off(registry: Registry, name: str) -> list[str]:
    """Who is cut off from what when this plugin goes off, a sentence each; empty while another one does the same."""
    lone = {hook for hook in KINDS if _is_lone(registry, name, hook)}
    sentences = []
    if "send_message" in lone:
        sentences.append(
            _("Nothing else sends texts. Without it no patient can sign in, because no OTP goes out, and nobody is "
              "told that the turn has come. Texts waiting to be sent now: %(texts)s. "
              "Patients with a token now: %(visits)s.",
              texts=_waiting_texts(), visits=_open_visits())
        )  # fmt: skip
    if "open_room" in lone:
        sentences.append(
            _("Nothing else opens video calls. Without it doctors can only telephone their patients. Patients with a "
              "token now: %(visits)s.", visits=_open_visits())
        )  # fmt: skip
    if lone & set(DOCUMENTS):
        sentences.append(_("Nothing else sends documents outside. Those of patients who agreed to it stay here."))
    return sentences + (_others_in_name_only(registry, name, lone) if sentences else [])


def missing(registry: Registry) -> list[str]:
    """What nobody does at the moment, for the overview."""
    sentences = []
    if not registry.implementations("send_message"):
        sentences.append(_("No plugin that sends texts is on: no patient can sign in, and nobody is told of the turn."))
    if not registry.implementations("open_room"):
        sentences.append(_("No plugin that opens video calls is on: doctors can only telephone their patients."))
    return sentences


def held_off(registry: Registry) -> list[tuple[str, str]]:
    """(plugin, sentence) of those that are switched on and stay off, because their settings have become wrong."""
    on = PluginState.select().where(PluginState.enabled & PluginState.name.in_(list(registry.installed)))
    return [(row.name, _why(registry, row.name)) for row in on.order_by(PluginState.position) if not
            registry.is_on(row.name)]  # fmt: skip


def is_ailing(name: str) -> bool:
    """Does nothing of this plugin work, as far as its probes know?"""
    probes = [row.error for row in PluginHealth.select(PluginHealth.error).where(PluginHealth.plugin == name)]
    return bool(probes) and all(probes)


def _is_lone(registry: Registry, name: str, hook: str) -> bool:
    doers = [doer for doer, _function in registry.implementations(hook)]
    return name in doers and all(doer == name or is_ailing(doer) for doer in doers)


def _others_in_name_only(registry: Registry, name: str, hooks: set[str]) -> list[str]:
    others = {doer for hook in hooks for doer, _function in registry.implementations(hook)} - {name}
    return [
        _("%(title)s is on too, but does not work at the moment.", title=registry.title(other))
        for other in sorted(others)
    ]


def _why(registry: Registry, name: str) -> str:
    problems = plugin_settings.problems(name, registry.schema(name), registry.config.environ)
    reasons = "; ".join(f"{key}: {text}" if key else text for key, text in problems.items())
    return _("It is switched on but stays off until this is put right: %(reasons)s", reasons=reasons)


def _waiting_texts() -> int:
    return int(Message.select(fn.COUNT(Message.id)).where(Message.state.in_(("new", "leased"))).scalar())


def _open_visits() -> int:
    return int(Visit.select(fn.COUNT(Visit.id)).where(Visit.state.in_(OPEN)).scalar())
