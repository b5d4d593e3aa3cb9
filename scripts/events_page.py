"""Generate docs/events.md, the events of the clinic for plugin authors, from the catalogue.

python -m scripts.events_page
"""

import inspect
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any, get_args, get_type_hints

from portal.app import BACKGROUND, PAGES
from portal.plugin_host.registry import discover
from portal.work.catalogue import CATALOGUE, DomainEvent
from portal.work.events import listeners_of

PAGE = Path(__file__).parent.parent / "docs" / "events.md"
TYPES = {"str": "text", "int": "whole number", "bool": "true or false", "list[str]": "list of texts"}
HEAD = """\
# Events

Made by `python -m scripts.events_page` from the classes that the portal records; a test fails when it is stale.

A plugin hears of these through the hooks `event_names` and `on_event` ([hooks.md](hooks.md)). `event.name` is the
heading, `event.subject` names what stands beside *About* (by its uid, where nothing else is said), `event.at` is the
moment, and `event.data` holds the fields of the table: ids, codes, numbers and days, never names or mobiles. Events and
fields keep their names; new ones are added, so take what you know. An event that was stored by an older version may
lack a field that came later. *Heard by*: the portal's own listeners.
"""


def page() -> str:
    """Generate the page."""
    for module in (*PAGES, *BACKGROUND):
        import_module(module)
    plugins = discover()
    ours = [kind for kind in CATALOGUE.values() if kind.__module__.split(".")[0] in {"portal", "plugins"}]
    kinds = sorted(ours, key=lambda kind: (room_of(kind) in plugins, room_of(kind)))  # stable
    parts = [HEAD]
    for room, mine in groupby(kinds, room_of):
        parts.append(f"\n## {f'The plugin {room}' if room in plugins else room.capitalize()}")
        parts += [line for kind in mine for line in _section(kind)]
    return "\n".join(parts) + "\n"


def room_of(kind: type[DomainEvent]) -> str:
    """Return the room of the portal, or the plugin, that declares an event."""
    names = kind.__module__.split(".")
    return names[2] if names[1] == "core" else names[1]


def _section(kind: type[DomainEvent]) -> Iterator[str]:
    yield f"\n### `{kind.name}`\n"
    yield f"{inspect.cleandoc(str(kind.__doc__))}\n"
    yield f"- **About:** {kind.about}"
    yield f"- **Heard by:** {', '.join(f'`{name}`' for name in listeners_of(kind.name)) or 'nobody in the portal'}"
    if fields(kind):
        yield "\n| field | type | what it says |\n|---|---|---|"
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if name in {field.name for field in fields(kind)}:
            yield f"| `{name.rstrip('_')}` | {' | '.join(_words(hint))} |"


def _words(hint: Any) -> tuple[str, str]:
    """Return type and meaning of a field. The last annotation wins, as an outer one refines its alias's."""
    of, *said = get_args(hint)
    plain = [one for one in (get_args(of) or [of]) if one is not type(None)]
    written = str(of) if str(of) in TYPES else plain[0].__name__
    return TYPES[written], f"{said[-1]}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
