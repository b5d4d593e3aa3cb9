"""How the pages name a plugin's settings and their values."""

from portal.base.language import gettext as _
from portal.plugin_host import plugin_settings
from portal.plugin_host.form import options
from portal.plugin_host.registry import Registry


def label_of(registry: Registry, name: str, key: str) -> str:
    """A setting as its form calls it, with its heading where there is one; "" is the plugin as a whole."""
    schema = registry.schema(name)
    info = schema.model_fields.get(key)
    if info is None or not info.title:
        return key
    title, group = _(info.title), plugin_settings.remarks(schema, key).get("group", "")
    heading = _(group) if group else ""
    return title if not heading or title.startswith(heading) else f"{heading}: {title}"


def value_in_words(registry: Registry, name: str, key: str, text: str) -> str:
    """A value as the history stores it, as the form shows it."""
    schema = registry.schema(name)
    if key not in schema.model_fields or plugin_settings.is_list(schema, key):
        return text
    if schema.model_fields[key].annotation is bool:
        return {"True": _("Yes"), "False": _("No")}.get(text, text)
    return dict(options(schema, key)).get(text, text)
