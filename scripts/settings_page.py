"""Generate docs/settings.md from the models of the clinic's settings.

python -m scripts.settings_page
"""

from collections.abc import Iterator
from datetime import time
from pathlib import Path

from portal.settings import form, schema
from portal.settings.clinic import GROUPS
from portal.settings.stored import OWNER, Group

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
HEAD = """\
# The clinic's settings

Made by `python -m scripts.settings_page` from `portal/settings/clinic.py`. The administrator changes them on the page
*Settings*; a variable of the environment (or a file that it names, `…_FILE`) stands above the page, which then shows
the value read-only.
"""


def page() -> str:
    """Generate the page."""
    return "\n".join([HEAD, *(line for group in GROUPS for line in _group(group))])


def _group(group: Group) -> Iterator[str]:
    yield from (f"## {group.heading}", "", str(group.__doc__), "")
    yield from ("| setting | what | allowed | as delivered |", "|---|---|---|---|")
    for key in group.model_fields:
        if key not in group.internal:
            yield _line(group, key)
    yield ""
    for low, high in group.in_order:
        yield from (f"`{low}` is never above `{high}`.", "")


def _line(group: Group, key: str) -> str:
    info, limits = group.model_fields[key], schema.bounds(group, key)
    what = " ".join(filter(None, [f"{info.title}.", info.description]))
    kind = f"{limits[0]} to {limits[1]}" if limits else "time" if info.annotation is time else "text"
    delivered = form.as_text(schema.default(group, key))
    return f"| `{schema.variable(OWNER, key)}` | {what} | {kind} | {delivered} |"


if __name__ == "__main__":
    PAGE.write_text(page())
