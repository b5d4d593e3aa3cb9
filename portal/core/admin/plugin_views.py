"""The plugin pages: list, order, switch, settings, try it."""

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core.admin import plugin_settings, services, tryout
from portal.core.admin.blueprint import bp
from portal.core.admin.models import PluginState
from portal.core.admin.switches import MustConfirm, switch
from portal.core.clock import now
from portal.core.errors import Invalid, NotFound
from portal.core.language import gettext as _
from portal.plugins import registry
from portal.web.access import actor, allow
from portal.web.pages import page, see_other


@bp.get("/admin/plugins")
@allow("admin")
def plugins() -> ResponseReturnValue:
    """Every installed plugin, in the order in which it is asked."""
    order = {row.name: row.position for row in PluginState.select()}
    names = sorted(registry().installed, key=lambda name: (order.get(name, 1000), name))
    return page("admin/plugins.html", "plugins", names=names, registry=registry(), problems=_problems)


@bp.route("/admin/plugins/<name>", methods=["GET", "POST"])
@allow("admin")
def plugin(name: str) -> ResponseReturnValue:
    """One plugin: what it does, its settings."""
    _require(name)
    errors = {}
    if request.method == "POST":
        try:
            services.save_plugin_settings(name, request.form, by=actor(), now=now())
            return see_other(url_for("admin.plugins"))
        except Invalid as error:
            errors = error.fields
    return _plugin_page(name, errors)


@bp.post("/admin/plugins/<name>/enable")
@allow("admin")
def enable(name: str) -> ResponseReturnValue:
    """Switch on, at the next request of every process."""
    _require(name)
    try:
        switch(name, True, by=actor(), now=now())
    except Invalid as error:
        return _plugin_page(name, error.fields)
    return see_other(url_for("admin.plugins"))


@bp.post("/admin/plugins/<name>/disable")
@allow("admin")
def disable(name: str) -> ResponseReturnValue:
    """Switch off; asks first while calls are open."""
    try:
        switch(name, False, by=actor(), now=now(), confirmed=request.form.get("confirm") == "yes")
    except MustConfirm as question:
        return page(
            "admin/confirm.html", status=409, question=question.message, name=name, title=registry().title(name)
        )
    return see_other(url_for("admin.plugins"))


@bp.post("/admin/plugins/<name>/move")
@allow("admin")
def move(name: str) -> ResponseReturnValue:
    """Earlier or later in the order."""
    services.move_plugin(name, request.form.get("direction", ""), by=actor(), now=now())
    return see_other(url_for("admin.plugins"))


@bp.post("/admin/plugins/<name>/test")
@allow("admin")
def test(name: str) -> ResponseReturnValue:
    """Try the plugin for real, and say what came of it."""
    _require(name)
    for outcome in tryout.run(registry(), name, to=request.form.get("to", ""), now=now()):
        flash(outcome.text, "success" if outcome.ok else "error")
    return see_other(url_for("admin.plugin", name=name))


def _plugin_page(name: str, errors: dict[str, str]) -> ResponseReturnValue:
    plugins = registry()
    schema = plugins.schema(name)
    values = plugin_settings.raw(name, schema, plugins.config.environ)
    return page(
        "admin/plugin.html", status=422 if errors else 200, name=name, registry=plugins, errors=errors,
        fields=[_field(name, schema, key, values) for key in schema.model_fields],
        about=(plugins.installed[name].__doc__ or "").strip(), can_try=tryout.what(plugins, name),
        options=lambda choices: [(choice, choice) for choice in choices],
    )  # fmt: skip


def _field(name: str, schema: Any, key: str, values: dict[str, Any]) -> dict[str, Any]:
    """What the settings form shows of one field. A secret's value never leaves the server."""
    info, secret = schema.model_fields[key], plugin_settings.is_secret(schema, key)
    value = values.get(key, info.get_default(call_default_factory=True) if not info.is_required() else "")
    several = plugin_settings.is_list(schema, key)
    return {
        "key": key,
        "label": _(info.title or key.replace("_", " ").capitalize()),
        "help": _(info.description) if info.description else "",
        "value": "" if secret else "\n".join(value) if several else value,
        "is_set": secret and bool(values.get(key)),
        "secret": secret,
        "several": several,
        "yes_no": info.annotation is bool,
        "choices": plugin_settings.choices(schema, key),
        "fixed": key in plugin_settings.overrides(name, schema, registry().config.environ),
        "required": info.is_required(),
    }


def _problems(name: str) -> dict[str, str]:
    plugins = registry()
    return plugin_settings.problems(name, plugins.schema(name), plugins.config.environ)


def _require(name: str) -> None:
    if name not in registry().installed:
        raise NotFound
