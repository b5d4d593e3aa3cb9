"""Registry of what rooms above show on the consult page: a function of the visit, by template variable."""

from collections.abc import Callable
from typing import Any

from portal.core.visits.models import Visit

Panel = Callable[[Visit], Any]
_panels: dict[str, Panel] = {}


def shows(name: str) -> Callable[[Panel], Panel]:
    """Register what the consult page shows under this name."""

    def register(function: Panel) -> Panel:
        _panels[name] = function
        return function

    return register


def of(visit: Visit, *names: str) -> dict[str, Any]:
    """Return the template variables of a visit."""
    return {name: _panels[name](visit) for name in names}
