"""What the administrator's plugin pages show: what a plugin is, may do and needs, how it fares, who changed what."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import Distribution

from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.admin.capabilities import held_off
from portal.plugin_host.changes import in_order
from portal.plugin_host.failures import last_of_kinds
from portal.plugin_host.in_use import in_use
from portal.plugin_host.labels import label_of, value_in_words
from portal.plugin_host.models import HookCount, PluginHealth, PluginState
from portal.plugin_host.needs import distribution, is_foreign, needs_of
from portal.plugin_host.permissions import permissions_of
from portal.plugin_host.registry import Registry
from portal.plugin_host.switches import obstacles
from portal.work.audit import AuditRow

HISTORY = 10


@dataclass(frozen=True)
class Change:
    """One line of a plugin's history."""

    at: datetime
    who: str
    what: str
    changes: dict[str, list[str]]


@dataclass(frozen=True)
class Line:
    """One plugin in the list. `health` is "ok", "problem" or "" when nothing was probed."""

    name: str
    title: str
    summary: str
    version: str
    is_on: bool
    kinds: list[str]
    problems: dict[str, str]
    health: str
    errors: int
    warning: str


@dataclass(frozen=True)
class Details:
    """All of one plugin's page but its settings form."""

    line: Line
    description: list[str]
    readme: str
    facts: list[tuple[str, str]]
    permissions: list[str]
    needs: list[str]
    counts: list[HookCount]
    health: list[PluginHealth]
    history: list[Change]


def lines(registry: Registry) -> list[Line]:
    """Every installed plugin, in the order in which it is asked."""
    return [line_of(registry, name) for name in in_order(list(registry.installed))]


def line_of(registry: Registry, name: str) -> Line:
    """One plugin in a line."""
    probes = list(PluginHealth.select().where(PluginHealth.plugin == name))
    failed = sum(row.errors for row in HookCount.select().where(HookCount.plugin == name))
    paragraphs = _paragraphs(registry, name)
    return Line(
        name=name,
        title=registry.title(name),
        summary=_first_sentence(paragraphs[0]) if paragraphs else "",
        version=_version(name),
        is_on=registry.is_on(name),
        kinds=[words for hook, words in kind_words().items() if hasattr(registry.installed[name], hook)],
        problems={label_of(registry, name, key): text for key, text in obstacles(registry, name).items()},
        health="" if not probes else "problem" if any(probe.error for probe in probes) else "ok",
        errors=failed,
        warning=warning_of(registry, name),
    )


def details(registry: Registry, name: str) -> Details:
    """Everything about one plugin."""
    line, readme = line_of(registry, name), _readme(name)
    return Details(
        line=line,
        description=_paragraphs(registry, name),
        readme=readme,
        facts=_facts(registry, line),
        permissions=permissions_of(registry, name),
        needs=needs_of(registry, name),
        counts=list(HookCount.select().where(HookCount.plugin == name).order_by(HookCount.hook)),
        health=list(PluginHealth.select().where(PluginHealth.plugin == name).order_by(PluginHealth.probe)),
        history=list(_history(registry, name)),
    )


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


def _facts(registry: Registry, line: Line) -> list[tuple[str, str]]:
    found = distribution(line.name)
    foreign = is_foreign(found)
    return [
        (_("Version"), line.version),
        (_("Comes from"), _from(found) if foreign and found else _("this portal")),
        (_("Name"), line.name),
        (_("In use now"), str(in_use(line.name) or "")),
        (_("The only one that is on for"), ", ".join(only_one_for(registry, line.name))),
    ]


def _from(found: Distribution) -> str:
    """Its name at the index, who wrote it, under which licence: whatever of these it tells."""
    said = found.metadata
    keys = [key for key in ("Author", "Author-email", "License-Expression", "License") if key in said]
    return " · ".join([found.name, *(said[key] for key in keys)])[:200]


def _version(name: str) -> str:
    found = distribution(name)
    return found.version if found else ""


def _readme(name: str) -> str:
    """The long description of a plugin that came by itself; the portal's own is about the portal."""
    found = distribution(name)
    if found is None or not is_foreign(found):
        return ""
    return str(found.metadata.get_payload() or found.metadata.get("Description") or "").strip()  # type: ignore[attr-defined]


def _paragraphs(registry: Registry, name: str) -> list[str]:
    """The docstring without its title, in the reader's language when the plugin has it."""
    text = (registry.installed[name].__doc__ or "").strip()
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n")[1:])
    return [_(paragraph) for paragraph in paragraphs]


def _first_sentence(text: str) -> str:
    for end in (". ", "। "):
        if end in text:
            return text.split(end, 1)[0] + end.strip()
    return text


def _history(registry: Registry, name: str) -> Iterator[Change]:
    rows = AuditRow.select().where((AuditRow.subject == name) & AuditRow.action.in_(list(_deeds({}))))
    for row in rows.order_by(AuditRow.id.desc()).limit(HISTORY):
        said = json.loads(row.details)
        changes = {
            label_of(registry, name, key): [value_in_words(registry, name, key, text) for text in pair]
            for key, pair in said.get("changes", {}).items()
        }
        yield Change(row.at, _who(row), _deeds(said)[row.action], changes)


def _deeds(said: dict[str, object]) -> dict[str, str]:
    """Each kind of line in words."""
    itself = "hook" in said
    return {
        "PluginSwitchedOn": _("Switched on"),
        "PluginSwitchedOff": _("Switched off by itself") if itself else _("Switched off"),
        "PluginSettingsChanged": _("Settings changed"),
        "PluginMoved": _("Moved to place %(place)s", place=said.get("place", "")),
        "PluginFailed": _("Alarm: %(hook)s failed again and again", hook=said.get("hook", "")),
        "PluginTried": _("Tried: it works") if said.get("well") else _("Tried: it failed"),
    }


def _who(row: AuditRow) -> str:
    person = Staff.get_or_none(Staff.uid == row.actor_uid) if row.actor_kind == "staff" else None
    if person is not None:
        return str(person.name)
    return _("The portal or its command line") if row.actor_kind == "system" else row.actor_kind
