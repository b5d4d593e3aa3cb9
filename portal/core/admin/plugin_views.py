"""The plugin pages: list, order, switching on and off, settings, try-out."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.step_up import stepped_up
from portal.core.admin import bp, plugin_page, tryout
from portal.core.admin.plugin_page import hook_words
from portal.plugin_host import alarms, changes, form
from portal.plugin_host.form import label_of
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import MustConfirm, switch
from portal.store.versions import Changed, version_of
from portal.web.access import actor, allow
from portal.web.forms.changed import changed_page, typed_form, yes_or_no
from portal.web.pages import page, see_other
from portal.work import audit


@bp.get("/admin/plugins")
@allow("admin")
def plugins() -> ResponseReturnValue:
    """List every installed plugin, in the order of calls."""
    return page("admin/plugins.html", "plugins", lines=plugin_page.lines(registry()))


@bp.route("/admin/plugins/<name>", methods=["GET", "POST"])
@allow("admin")
@stepped_up("admin.plugin", when=changes.has_secrets)
def plugin(name: str) -> ResponseReturnValue:
    """Show a plugin, and save its settings."""
    _require(name)
    if request.method == "POST":
        try:
            changes.save_plugin_settings(name, typed_form(), by=actor(), now=now())
        except Changed as error:
            schema = registry().schema(name)
            yes_no = [key for key, field in schema.model_fields.items() if field.annotation is bool]
            labels = {each.name: label_of(registry(), name, each.name) for each in error.differences}
            return changed_page(error, labels, yes_or_no(*yes_no))
        except Invalid as error:
            return _plugin_page(name, error.fields)
        flash(_("The settings are saved and in force."), "success")
        return see_other(url_for("admin.plugin", name=name))
    return _plugin_page(name)


@bp.post("/admin/plugins/<name>/enable")
@allow("admin")
def enable(name: str) -> ResponseReturnValue:
    """Switch a plugin on; every process applies it at its next request."""
    _require(name)
    try:
        switch(name, True, by=actor(), now=now())
    except Invalid as error:
        return _plugin_page(name, error.fields)
    flash(_("%(title)s: switched on.", title=registry().title(name)), "success")
    return see_other(url_for("admin.plugins"))


@bp.post("/admin/plugins/<name>/disable")
@allow("admin")
def disable(name: str) -> ResponseReturnValue:
    """Switch a plugin off; confirmation is required while calls are open or if it is the only one of a kind."""
    only = alarms.only_one_for(registry(), name)
    try:
        switch(name, False, by=actor(), now=now(), confirmed=request.form.get("confirm") == "yes")
    except MustConfirm as question:
        return page(
            "admin/confirm.html",
            status=409,
            is_error=False,
            consequences=question.consequences,
            name=name,
            title=registry().title(name),
        )
    flash(_("%(title)s: switched off.", title=registry().title(name)), "success")
    if only:
        flash(_("No other plugin that is on does this: %(kinds)s.", kinds=", ".join(only)), "warn")
    return see_other(url_for("admin.plugins"))


@bp.post("/admin/plugins/<name>/move")
@allow("admin")
def move(name: str) -> ResponseReturnValue:
    """Move a plugin in the order, up, down or to a place. Redirects to the same button, to be pressed again."""
    to = request.form.get("direction") or request.form.get("place", "")
    place = changes.move_plugin(name, to, by=actor(), now=now())
    flash(_("%(title)s is asked at place %(place)s.", title=registry().title(name), place=place), "success")
    return see_other(url_for("admin.plugins", _anchor=f"{_focused_button(to, place)}-{name}"))


@bp.post("/admin/plugins/<name>/test")
@allow("admin")
def test(name: str) -> ResponseReturnValue:
    """Try a plugin for real and show the outcomes."""
    _require(name)
    outcomes = list(
        tryout.run(registry(), name, to=request.form.get("to", ""), driver=request.form.get("driver", ""), now=now())
    )
    for outcome in outcomes:
        flash(outcome.text, "success" if outcome.ok else "error")
    audit.note("PluginTried", name, by=actor(), now=now(), well=all(outcome.ok for outcome in outcomes))
    return see_other(url_for("admin.plugin", name=name))


def _plugin_page(name: str, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    plugins = registry()
    is_typed = request.endpoint == "admin.plugin" and "version" in request.form  # refused, or restored from a kept form
    typed = request.form if is_typed else None
    return page(
        "admin/plugin.html",
        "form",
        status=422 if errors else 200,
        errors=errors,
        labels={key: label_of(plugins, name, key) for key in errors or {} if key},
        is_refused=request.endpoint == "admin.enable",
        plugin=plugin_page.details(plugins, name),
        drivers=[(driver, driver) for driver in tryout.drivers(plugins, name)],
        version=request.form.get("version") or version_of(changes.settings_shown(name)),
        groups=form.groups(name, plugins.schema(name), plugins.config.environ, typed),
        can_try=tryout.what(plugins, name),
        hook_words=hook_words(),
    )


def _focused_button(to: str, place: int) -> str:
    """Return the button that keeps the focus; the first row has no "Up", the last no "Down"."""
    if to not in {"up", "down"}:
        return "plugin"
    return {1: "down", len(registry().installed): "up"}.get(place, to)


def _require(name: str) -> None:
    if name not in registry().installed:
        raise NotFound
