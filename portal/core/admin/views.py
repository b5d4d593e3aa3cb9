"""The administrator's overview, and the clinic's settings."""

from collections.abc import Mapping, Sequence

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.core.admin import bp, settings_form
from portal.core.admin.effects import effects_of
from portal.core.admin.opening import open_steps
from portal.core.admin.overview import overview
from portal.plugin_host.alarms import warnings
from portal.plugin_host.changes import in_order
from portal.plugin_host.registry import registry
from portal.settings.clinic import PRESETS
from portal.store.versions import Changed, version_of
from portal.web.access import actor, allow
from portal.web.forms.changed import changed_page, typed_form
from portal.web.pages import page, page_number, see_other


@bp.get("/admin")
@allow("admin")
def index() -> ResponseReturnValue:
    """Show the overview."""
    plugins = registry()
    return page(
        "admin/index.html",
        "today",
        view=overview(now()),
        plugin_warnings=warnings(plugins),
        plugins=plugins,
        order=in_order(list(plugins.installed)),
        steps=open_steps(plugins, now()),
    )


@bp.route("/admin/settings", methods=["GET", "POST"])
@allow("admin")
def settings_page() -> ResponseReturnValue:
    """Show and save the clinic's settings; what a change does to people is shown first (409) and confirmed."""
    errors, form = {}, typed_form()
    if request.method == "POST":
        try:
            typed = settings_form.preset_of(form["preset"]) if form.get("preset") else form
            changes = settings_form.changes_of(typed)
            told = effects_of(changes, now()) if form.get("confirm") != "yes" else {}
            if told:
                return _effects_page(changes, told, form.get("version", ""))
            settings_form.save_settings(typed, by=actor(), now=now())
            flash(_("The settings are saved and in force."), "success")
            return see_other(url_for("admin.settings_page"))
        except Changed as error:
            return changed_page(error, settings_form.labels())
        except Invalid as error:
            errors = error.fields
    return page(
        "admin/settings.html",
        status=422 if errors else 200,
        errors=errors,
        labels=settings_form.labels(),
        version=form.get("version") or version_of(settings_form.settings_shown()),
        presets=PRESETS,
        groups=settings_form.groups(form),
    )


@bp.get("/admin/settings/history")
@allow("admin")
def settings_history() -> ResponseReturnValue:
    """Show who changed which setting, when, from what to what."""
    key, labels = request.args.get("key", ""), settings_form.labels()
    return page(
        "admin/settings_history.html",
        key=key,
        labels=labels,
        listed=settings_form.history(key, page_number()),
        shown=settings_form.settings_shown(),
    )


def _effects_page(
    changes: Mapping[str, tuple[str, str]], told: Mapping[str, Sequence[str]], version: str
) -> ResponseReturnValue:
    labels = settings_form.labels()
    return page("admin/effects.html", status=409, changes=changes, told=told, labels=labels, version=version)
