"""What the live layer has rendered: kept until its mark changes, whoever looks at it."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from jinja2 import Environment, Template

from portal.base import language
from portal.live.fragments import Shape, cut

KEPT = 5000
Thing = TypeVar("Thing")


class Workshop:
    """The templates, and what was made of them."""

    def __init__(self, templates: Environment) -> None:
        self._templates = templates
        self._made: dict[object, tuple[object, Any]] = {}
        self._globals: dict[str, dict[str, Any]] = {}

    def once(self, key: object, mark: object, make: Callable[[], Thing]) -> Thing:
        """What was made under this key, made anew when its mark has changed."""
        known = self._made.get(key)
        if len(self._made) > KEPT:  # of sessions long over
            self._made.clear()
        if known is None or known[0] != mark:
            known = self._made[key] = (mark, make())
        return cast(Thing, known[1])

    def shape(self, name: str, context: dict[str, Any], spoken: str) -> Shape:
        """The live block of a page, cut at its gaps."""
        template = self.template(name)
        with language.speaking(spoken):
            values = self._globals[name] | context
            return cut("".join(template.blocks["live"](template.new_context(values, shared=True))))

    def render(self, name: str, context: dict[str, Any]) -> str:
        """A whole template, in the present language."""
        template = self.template(name)
        values = self._globals[name] | context
        return "".join(template.root_render_func(template.new_context(values, shared=True)))

    def template(self, name: str) -> Template:
        """A template; what jinja adds to each context is looked together once, not for each fragment."""
        template = self._templates.get_template(name)
        if name not in self._globals:
            self._globals[name] = dict(template.globals)
        return template
