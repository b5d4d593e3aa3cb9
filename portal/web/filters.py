"""Template globals, filters and context: translation, dates, navigation, the signed-in person."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask, current_app, g, request
from markupsafe import Markup, escape

from portal.base import language
from portal.base.keys import random_uid
from portal.base.language import gettext
from portal.base.mobile import mask
from portal.base.plain_text import shown
from portal.base.roles import ROLES
from portal.contracts import NavItem
from portal.plugin_host.capabilities import gaps
from portal.plugin_host.registry import registry
from portal.settings.clinic import PageWords
from portal.web.access import is_open_here, me, must_set_factor, only_visit
from portal.web.forms.changed import hidden_fields
from portal.web.kiosk import kiosk_key
from portal.web.pages import own_path
from portal.work import heartbeat


def init_templates(app: Flask) -> None:
    """Register template globals, filters and the context processor."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        _plain_gettext, lambda one, many, n: gettext(one if n == 1 else many), newstyle=True
    )
    app.jinja_env.filters.update(
        date=language.show_date,
        clock_time=language.show_time,
        moment=language.show_moment,
        iso_time=lambda text: language.show_time(datetime.fromisoformat(text)),
        grouped=language.show_number,
        mask=mask,
        in_language=language.in_language,
        translated=_plain_gettext,  # of a plugin's words: `_()` takes a sentence of ours, and does not escape it
    )
    app.jinja_env.finalize = shown
    app.jinja_env.globals.update(
        new_key=random_uid,
        attributes=attributes,
        hidden_fields=hidden_fields,
        gaps=lambda: gaps(registry()),
        is_working=heartbeat.is_working,
        is_open_here=is_open_here,
    )
    app.jinja_env.globals["ui"] = app.jinja_env.get_template("_ui.html").module
    app.context_processor(common)


def _plain_gettext(message: str) -> str:
    return gettext(message)


def attributes(values: Mapping[str, object]) -> Markup:
    """Render HTML attributes: True without a value, None and False not at all. No macro, which is slow for forms."""
    text = ""
    for name, value in values.items():
        if value is not None and value is not False:
            text += f" {escape(name.rstrip('_').replace('_', '-'))}"
            text += "" if value is True else f'="{escape(shown(value))}"'
    return Markup(text)  # noqa: S704 both are escaped


def choose_language() -> None:
    """Set the request's language: the cookie of /lang/…, else the account's, else the browser's Accept-Language."""
    chosen = request.cookies.get("lang", "")
    person = me() if not chosen else None
    preferred = request.accept_languages.best_match(list(language.LANGUAGES), default="en")
    language.use(chosen or (person.language if person else str(preferred)))


ON_EVERY_PAGE = {"helpline", "ministry_name", "ministry_logo", "last_updated"}


def common() -> dict[str, Any]:
    """Context of base.html."""
    person, here = me(), language.current()
    return {
        "me": person,
        "nav": navigation(person.role) if person and not must_set_factor(person) and not only_visit() else [],
        "only_visit": only_visit(),
        "kiosk": bool(kiosk_key()),
        "locale": here,
        "other_languages": [(tag, name) for tag, name in language.LANGUAGES.items() if tag != here],
        "here": _here(),
        "demo": current_app.config["PORTAL"].demo,
        "is_typed_before": g.get("is_typed_before", False),
    } | PageWords.in_force().model_dump(include=ON_EVERY_PAGE)


def _here() -> str:
    """Return where the other language leads: this page, with what is searched, unless a person's number is."""
    searched = not re.search(r"\d{10}", request.full_path)
    wanted = request.full_path.rstrip("?") if request.method == "GET" and searched else request.path
    return own_path(wanted, request.path)


def navigation(role: str) -> list[NavItem]:
    """Return a role's navigation: the core's links, then those of active plugins."""
    own = [NavItem(label, url, frozenset({role})) for label, url in ROLES[role].links()]
    more = [item for items in registry().collect("nav_items", role=role) for item in items if role in item.roles]
    return own + more
