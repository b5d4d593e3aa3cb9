"""The form of a plugin's settings."""

from collections.abc import Mapping

from portal.base.language import gettext as _
from portal.contracts import PluginSettings
from portal.plugin_host import plugin_settings
from portal.plugin_host.registry import Registry
from portal.settings import form
from portal.settings import schema as fields


def groups(name: str, schema: type[PluginSettings], environ: Mapping[str, str], typed: form.Typed) -> list[form.Group]:
    """Group the fields by heading, in the schema's order; `typed` is refused input to redisplay."""
    values, fixed = plugin_settings.raw(name, schema, environ), fields.overrides(name, schema, environ)
    shown = form.Shown(name, values, fixed, typed)
    found: dict[str, form.Group] = {}
    for key in schema.model_fields:
        remarks = fields.remarks(schema, key)
        heading = str(remarks.get("group", ""))
        group = found.setdefault(heading, form.Group(_(heading) if heading else "", [], remarks.get("folded") is True))
        group.fields.append(form.field(schema, key, shown))
    return list(found.values())


def label_of(registry: Registry, name: str, key: str) -> str:
    """Return a setting's label, with its heading where there is one."""
    schema = registry.schema(name)
    info = schema.model_fields.get(key)
    if info is None or not info.title:
        return key
    title, group = _(info.title), fields.remarks(schema, key).get("group", "")
    heading = _(group) if group else ""
    return title if not heading or title.startswith(heading) else f"{heading}: {title}"


def value_in_words(registry: Registry, name: str, key: str, text: str) -> str:
    """Format a value of the audit history as the form shows it."""
    schema = registry.schema(name)
    if key not in schema.model_fields or fields.is_list(schema, key):
        return text
    if schema.model_fields[key].annotation is bool:
        return {"True": _("Yes"), "False": _("No")}.get(text, text)
    return dict(form.options(schema, key)).get(text, text)
