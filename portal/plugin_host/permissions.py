"""What a plugin may do, in the administrator's words: the hooks that it implements."""

import inspect

from portal import hookspecs
from portal.base.language import gettext as _
from portal.plugin_host.registry import Registry


def hook_words() -> dict[str, str]:
    """Each hook as a permission. The settings form and the self test show themselves."""
    return {
        "send_message": _("Sends texts: it gets the mobile number and the wording."),
        "message_report": _("Asks the operator what became of a text."),
        "open_room": _("Opens rooms for video calls: it gets the token and the specialty."),
        "join_link": _("Lets patient and doctor into its rooms: it gets the name that the other side reads."),
        "close_room": _("Ends its rooms."),
        "on_event": _("Hears of everything that happens in the clinic, by numbers without names."),
        "blueprint": _("Adds pages of its own to this site."),
        "nav_items": _("Adds links to the navigation."),
        "visit_actions": _("Adds links to the page of a visit."),
        "push_prescription": _("Sends prescriptions of patients who agreed to another system."),
        "push_visit": _("Sends notes of visits, of patients who agreed, to another system."),
        "export_visit": _("Writes a documented visit in the format of another system."),
        "sandbox": _("Brings a stand-in of its other side, for demonstrations and tests."),
        "health_checks": _("Checks every minute whether its servers answer."),
        "self_test": _("Tests itself before it is switched on."),
        "message_drivers": _("Has several ways of sending, asked one after the other."),
        "settings_schema": _("Has settings."),
        "sealed_columns": _("Keeps secrets of its own, sealed with the portal's key."),
    }


def permissions_of(registry: Registry, name: str) -> list[str]:
    """The sentences for the hooks of a plugin, as they stand in hookspecs."""
    module, words = registry.installed[name], hook_words()
    return [words[hook] for hook in hooks() if hook != "settings_schema" and hasattr(module, hook)]


def hooks() -> list[str]:
    """The names of all hooks."""
    functions = inspect.getmembers_static(hookspecs, inspect.isfunction)
    own = [(function.__code__.co_firstlineno, name) for name, function in functions if hasattr(function, "portal_spec")]
    return [name for _line, name in sorted(own)]
