"""Alarms about plugins, as sentences for the administrator."""

from portal.base.language import gettext as _
from portal.plugin_host.capabilities import held_off
from portal.plugin_host.failures import last_of_kinds
from portal.plugin_host.models import PluginHealth, PluginState
from portal.plugin_host.registry import Registry


def kind_words() -> dict[str, str]:
    """Map the failover hooks to what they do, in words."""
    return {
        "send_message": _("Messages"),
        "open_room": _("Video calls"),
        "push_prescription": _("Documents sent outside"),
    }


def only_one_for(registry: Registry, name: str) -> list[str]:
    """List what no other active plugin would do without this one."""
    words = kind_words()
    return [words[hook] for hook in last_of_kinds(registry, name) if hook in words]


def warning_of(registry: Registry, name: str) -> str:
    """Return the plugin's current alarm as a sentence, with what was done about it; "" without one."""
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
    """Name a hook for the administrator and for its author."""
    words = kind_words()
    near = {"push_visit": "push_prescription", "join_link": "open_room", "close_room": "open_room"}.get(hook, hook)
    return f"{words[near]} ({hook})" if near in words else hook


def warnings(registry: Registry) -> list[tuple[str, str]]:
    """List (plugin, sentence) for alarms, plugins held off by their settings, and failed health checks."""
    alarms = [(name, text) for name in registry.installed if (text := warning_of(registry, name))]
    bad = PluginHealth.select().where(PluginHealth.error != "").order_by(PluginHealth.plugin, PluginHealth.probe)
    return (
        alarms
        + held_off(registry)
        + [(row.plugin, f"{row.probe}: {row.error}") for row in bad if row.plugin in registry.installed]
    )
