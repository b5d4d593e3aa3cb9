"""What ails the plugins, in sentences for whoever looks after them."""

from portal.base.language import gettext as _
from portal.plugin_host.capabilities import held_off
from portal.plugin_host.failures import last_of_kinds
from portal.plugin_host.models import PluginHealth, PluginState
from portal.plugin_host.registry import Registry


def kind_words() -> dict[str, str]:
    """What the hooks that pass on from plugin to plugin are good for."""
    return {
        "send_message": _("Messages"),
        "open_room": _("Video calls"),
        "push_prescription": _("Documents sent outside"),
    }


def only_one_for(registry: Registry, name: str) -> list[str]:
    """What nobody else that is on would do without it, in words."""
    words = kind_words()
    return [words[hook] for hook in last_of_kinds(registry, name) if hook in words]


def warning_of(registry: Registry, name: str) -> str:
    """The alarm in force, in a sentence that also says what was done."""
    state = PluginState.get_or_none((PluginState.name == name) & PluginState.alarmed_at.is_null(False))
    if state is None:
        return ""
    hook = _in_words(state.alarm)
    if not state.enabled:
        return _("It was switched off by itself: %(hook)s failed again and again.", hook=hook)
    return _(
        "%(hook)s fails again and again. It stays on because no other plugin that is on does the same.",
        hook=hook,
    )


def _in_words(hook: str) -> str:
    """A hook as the administrator knows it, and as its author does."""
    words = kind_words()
    near = {"push_visit": "push_prescription", "join_link": "open_room", "close_room": "open_room"}.get(hook, hook)
    return f"{words[near]} ({hook})" if near in words else hook


def warnings(registry: Registry) -> list[tuple[str, str]]:
    """(plugin, sentence) of all alarms in force, all that are held off, all probes that failed, for the overview."""
    alarms = [(name, text) for name in registry.installed if (text := warning_of(registry, name))]
    bad = PluginHealth.select().where(PluginHealth.error != "").order_by(PluginHealth.plugin, PluginHealth.probe)
    return (
        alarms
        + held_off(registry)
        + [(row.plugin, f"{row.probe}: {row.error}") for row in bad if row.plugin in registry.installed]
    )
