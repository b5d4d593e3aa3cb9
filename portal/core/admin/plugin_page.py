"""The data of the plugin pages: description, permissions, requirements, health, history of changes."""

import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import Distribution

from portal import hookspecs
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.plugin_host.alarms import kind_words, only_one_for, warning_of
from portal.plugin_host.capabilities import in_use
from portal.plugin_host.changes import in_order
from portal.plugin_host.discovery import folder_of, wanted_version
from portal.plugin_host.form import label_of, value_in_words
from portal.plugin_host.leaving.tables import tables_of
from portal.plugin_host.models import (
    HookCount,
    PluginFailed,
    PluginHealth,
    PluginMoved,
    PluginSwitchedOff,
    PluginSwitchedOn,
)
from portal.plugin_host.needs import distribution, is_foreign, needs_of, package_of
from portal.plugin_host.registry import Registry
from portal.plugin_host.switches import obstacles
from portal.work.audit import AuditRow

HISTORY = 10


@dataclass(frozen=True)
class Change:
    """One change in a plugin's history."""

    at: datetime
    who: str
    what: str
    changes: dict[str, list[str]]


@dataclass(frozen=True)
class PluginLine:
    """One plugin in the list. `health` is "ok", "problem", or "" if never checked."""

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
    """A plugin's page, without its settings form."""

    line: PluginLine
    description: list[str]
    readme: str
    changelog: str
    facts: list[tuple[str, str]]
    permissions: list[str]
    needs: list[str]
    counts: list[HookCount]
    health: list[PluginHealth]
    history: list[Change]
    package: str
    tables: list[str]


def lines(registry: Registry) -> list[PluginLine]:
    """List every installed plugin, in the order of calls."""
    return [line_of(registry, name) for name in in_order(list(registry.installed))]


def line_of(registry: Registry, name: str) -> PluginLine:
    """Build a plugin's line of the list."""
    probes = list(PluginHealth.select().where(PluginHealth.plugin == name))
    failed = sum(row.errors for row in HookCount.select().where(HookCount.plugin == name))
    paragraphs = _paragraphs(registry, name)
    return PluginLine(
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
    """Build a plugin's page."""
    line, readme = line_of(registry, name), _readme(name)
    return Details(
        line=line,
        description=_paragraphs(registry, name),
        readme=readme,
        changelog=_changelog(registry, name),
        facts=_facts(registry, line),
        permissions=permissions_of(registry, name),
        needs=needs_of(registry, name),
        counts=list(HookCount.select().where(HookCount.plugin == name).order_by(HookCount.hook)),
        health=list(PluginHealth.select().where(PluginHealth.plugin == name).order_by(PluginHealth.probe)),
        history=list(_history(registry, name)),
        package=package_of(name),
        tables=tables_of(name),
    )


def _facts(registry: Registry, line: PluginLine) -> list[tuple[str, str]]:
    found = distribution(line.name)
    foreign = is_foreign(found)
    return [
        (_("Version"), line.version),
        (_("Written for plugin API"), wanted_version(registry.installed[line.name])),
        (_("Comes from"), _from(found) if foreign and found else _("this portal")),
        (_("Name"), line.name),
        (_("In use now"), str(in_use(line.name) or "")),
        (_("The only one that is on for"), ", ".join(only_one_for(registry, line.name))),
    ]


def _from(found: Distribution) -> str:
    """Return a distribution's name, author and licence, as far as its metadata has them."""
    said = found.metadata
    keys = [key for key in ("Author", "Author-email", "License-Expression", "License") if key in said]
    return " · ".join([found.name, *(said[key] for key in keys)])[:200]


def _version(name: str) -> str:
    found = distribution(name)
    return found.version if found else ""


def _readme(name: str) -> str:
    """Return the long description of a plugin from another distribution; that of the portal is not about the plugin."""
    found = distribution(name)
    if found is None or not is_foreign(found):
        return ""
    return str(found.metadata.get_payload() or found.metadata.get("Description") or "").strip()  # type: ignore[attr-defined]


def _changelog(registry: Registry, name: str) -> str:
    """Return the CHANGELOG.md in the plugin's folder, "" without one."""
    file = folder_of(registry.installed[name]) / "CHANGELOG.md"
    return file.read_text("utf-8", errors="replace")[:20_000].strip() if file.is_file() else ""


def _paragraphs(registry: Registry, name: str) -> list[str]:
    """Return the paragraphs after the docstring's title, translated where the plugin has translations."""
    text = (registry.installed[name].__doc__ or "").strip()
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n")[1:])
    return [_(paragraph) for paragraph in paragraphs]


def _first_sentence(text: str) -> str:
    for end in (". ", "। "):
        if end in text:
            return text.split(end, 1)[0] + end.strip()
    return text


def _history(registry: Registry, name: str) -> Iterator[Change]:
    rows = AuditRow.select().where((AuditRow.subject == name) & AuditRow.action.in_(list(_action_words({}))))
    for row in rows.order_by(AuditRow.id.desc()).limit(HISTORY):
        said = json.loads(row.details)
        changes = {
            label_of(registry, name, key): [value_in_words(registry, name, key, text) for text in pair]
            for key, pair in said.get("changes", {}).items()
        }
        yield Change(row.at, _who(row), _action_words(said)[row.action], changes)


def _action_words(said: dict[str, object]) -> dict[str, str]:
    """Return the words for each audited action."""
    itself = "hook" in said
    return {
        PluginSwitchedOn.name: _("Switched on"),
        PluginSwitchedOff.name: _("Switched off by itself") if itself else _("Switched off"),
        "PluginSettingsChanged": _("Settings changed"),
        PluginMoved.name: _("Moved to place %(place)s", place=said.get("place", "")),
        PluginFailed.name: _("Alarm: %(hook)s failed again and again", hook=said.get("hook", "")),
        "PluginTried": _("Tried: it works") if said.get("well") else _("Tried: it failed"),
    }


def _who(row: AuditRow) -> str:
    person = Staff.get_or_none(Staff.uid == row.actor_uid) if row.actor_kind == "staff" else None
    if person is not None:
        return str(person.name)
    return _("The portal or its command line") if row.actor_kind == "system" else row.actor_kind


def hook_words() -> dict[str, str]:
    """Return each hook as a permission, in words."""
    return {
        "show_message": _("Shows texts on their reader's screen: it gets the mobile number and the wording."),
        "send_message": _("Sends texts: it gets the mobile number and the wording."),
        "message_channels": _("Offers messages by another way than SMS, to those who ask for it."),
        "send_by_channel": _("Sends those: it gets the mobile number and the values of the text."),
        "message_report": _("Asks the operator what became of a text."),
        "send_letter": _("Sends e-mail to the clinic's own staff, such as the report."),
        "open_room": _("Opens rooms for video calls: it gets the token and the specialty."),
        "join_link": _("Lets patient and doctor into its rooms: it gets the name that the other side reads."),
        "close_room": _("Ends its rooms."),
        "event_names": _("Hears of some of what happens in the clinic, by numbers without names."),
        "on_event": _("Hears of everything that happens in the clinic, by numbers without names."),
        "blueprint": _("Adds pages of its own to this site."),
        "nav_items": _("Adds links to the navigation."),
        "visit_actions": _("Adds links to the page of a visit."),
        "visit_panel": _("Shows facts of its own on the doctor's page: it gets the token and the specialty."),
        "token_gate": _("May refuse tokens that are not urgent: it gets the Ben ID and the specialty."),
        "identity_step": _("Offers to confirm a number that people have elsewhere, such as ABHA."),
        "identify_beneficiary": _(
            "Confirms such a number: it gets name, date of birth, gender, Ben ID, mobile and the number."
        ),
        "staff_sign_in": _("Lets staff sign in with an identity from elsewhere that an administrator has named."),
        "report_section": _("Adds a table of counts to the report."),
        "cli_commands": _("Brings commands of its own for the terminal."),
        "api_version": _("Says for which version of the portal it was written."),
        "push_prescription": _("Sends prescriptions of patients who agreed to another system."),
        "push_visit": _("Sends notes of visits, of patients who agreed, to another system."),
        "export_visit": _("Writes a documented visit in the format of another system."),
        "import_table": _("Takes tables of its own from the command line."),
        "send_order": _("Sends investigations of patients who agreed to it to a laboratory."),
        "record_in": _("Brings files of patients from outside; they are cleaned and become records."),
        "sandbox": _("Brings a stand-in of its other side, for demonstrations and tests."),
        "health_checks": _("Checks every minute whether its servers answer."),
        "self_test": _("Tests itself before it is switched on."),
        "message_drivers": _("Has several ways of sending, asked one after the other."),
        "settings_schema": _("Has settings."),
        "sealed_columns": _("Keeps secrets of its own, sealed with the portal's key."),
    }


def permissions_of(registry: Registry, name: str) -> list[str]:
    """List the permissions of a plugin, in the order of hookspecs."""
    module, words = registry.installed[name], hook_words()
    unsaid = {"settings_schema", "api_version"} | (
        {"on_event"} if hasattr(module, "event_names") else set()
    )  # event_names limits it
    return [words[hook] for hook in hooks() if hook not in unsaid and hasattr(module, hook)]


def hooks() -> list[str]:
    """List the names of all hooks, in the order of hookspecs."""
    functions = inspect.getmembers_static(hookspecs, inspect.isfunction)
    own = [(function.__code__.co_firstlineno, name) for name, function in functions if hasattr(function, "portal_spec")]
    return [name for _line, name in sorted(own)]
