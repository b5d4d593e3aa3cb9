"""The render cache of the live layer: an entry is stale when its validator changes."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from jinja2 import Environment, Template

from portal.base import language
from portal.live.fragments import Skeleton, split

MAX_ENTRIES = 5000
Value = TypeVar("Value")


class RenderCache:
    """Templates, and a cache of what was rendered from them."""

    def __init__(self, templates: Environment) -> None:
        self._templates = templates
        self._entries: dict[object, tuple[object, Any]] = {}
        self._globals: dict[str, dict[str, Any]] = {}

    def get_or_make(self, key: object, validator: object, make: Callable[[], Value]) -> Value:
        """Return the cached value of a key; make it anew when the validator has changed."""
        known = self._entries.get(key)
        if len(self._entries) > MAX_ENTRIES:  # mostly entries of closed sessions
            self._entries.clear()
        if known is None or known[0] != validator:
            known = self._entries[key] = (validator, make())
        return cast(Value, known[1])

    def skeleton(self, name: str, context: dict[str, Any], spoken: str) -> Skeleton:
        """Render the live block of a page, split at its placeholders."""
        template = self.template(name)
        with language.speaking(spoken):
            values = self._globals[name] | context
            return split("".join(template.blocks["live"](template.new_context(values, shared=True))))

    def render(self, name: str, context: dict[str, Any]) -> str:
        """Render a whole template in the current language."""
        template = self.template(name)
        values = self._globals[name] | context
        return "".join(template.root_render_func(template.new_context(values, shared=True)))

    def template(self, name: str) -> Template:
        """Return a template, its globals merged once instead of for each fragment."""
        template = self._templates.get_template(name)
        if name not in self._globals:
            self._globals[name] = dict(template.globals)
        return template
