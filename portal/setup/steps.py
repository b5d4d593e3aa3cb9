"""The steps of `portal setup` behind the environment: settings, administrator, plugins, a text to try."""

import io
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import segno

from portal.base.errors import Invalid
from portal.config import ConfigError
from portal.core.accounts import credentials, second_factor
from portal.core.accounts.models import Staff
from portal.core.accounts.staff import add_staff
from portal.core.admin import settings_form, tryout
from portal.plugin_host.changes import save_plugin_settings, settings_shown
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import switch
from portal.settings.clinic import keys
from portal.settings.form import as_text
from portal.settings.schema import is_secret
from portal.setup.plan import Administrator
from portal.work.audit import SYSTEM

SMS, VIDEO = "sms_gateway", "video_webrtc"


def keep_settings(wanted: Mapping[str, Any], *, now: datetime) -> str:
    """Save the clinic's settings that differ. Raises ConfigError for an unknown or wrong one."""
    if unknown := sorted(set(wanted) - set(keys())):
        raise ConfigError(f"There is no setting {', '.join(unknown)}; all are in docs/settings.md.")
    shown = settings_form.settings_shown()
    changed = {key: str(value) for key, value in wanted.items() if shown[key] != str(value)}
    if not changed:
        return "settings: as they are"
    try:
        settings_form.save_settings(changed, by=SYSTEM, now=now)
    except Invalid as error:
        raise _wrong("clinic", error) from error
    return f"settings: changed {', '.join(sorted(changed))}"


def make_administrator(who: Administrator, password: Callable[[], str], *, now: datetime) -> Iterator[str]:
    """Add the first administrator with a second factor, which is printed once. An existing one stays as he is."""
    if Staff.get_or_none(Staff.username == who.username.lower()):
        yield f"administrator {who.username}: as it is"
        return
    try:
        person = add_staff(who.username, role="admin", name=who.name, password=password(), by=SYSTEM, now=now)
    except Invalid as error:
        raise _wrong("administrator", error) from error
    secret = credentials.new_secret()
    codes = second_factor.give(person, secret, by=SYSTEM, now=now)
    address = credentials.address_of(secret, person.username, "Paramarsh")
    yield f"administrator {who.username}: added. Scan this with an authenticator app; it is shown once:"
    picture = io.StringIO()
    segno.make(address).terminal(picture, compact=True)
    yield picture.getvalue()
    yield f"or type the secret there: {secret}"
    yield f"Recovery codes, each good once: {' '.join(codes)}"


def keep_plugin(name: str, wanted: Mapping[str, Any], *, now: datetime) -> str:
    """Save a plugin's settings that differ, and switch it on. Raises ConfigError with what is wrong.

    A secret is not compared, as a stored one is never shown: it is typed anew each time the plan names it.
    """
    plugins = registry()
    schema = plugins.schema(name)
    if unknown := sorted(set(wanted) - set(schema.model_fields)):
        raise ConfigError(f"The plugin {name} has no setting {', '.join(unknown)}.")
    shown = settings_shown(name)
    typed = {key: as_text(value) for key, value in wanted.items()}
    differs = any(is_secret(schema, key) or shown[key] != text for key, text in typed.items())
    was_on = plugins.is_on(name)
    try:
        if differs:
            hidden = {key: "" for key in shown if is_secret(schema, key)}
            save_plugin_settings(name, shown | hidden | typed, by=SYSTEM, now=now)
        if not was_on:
            switch(name, True, by=SYSTEM, now=now)
    except Invalid as error:
        raise _wrong(name, error) from error
    return f"{name}: " + ("settings saved" if differs else "as it is") + ("" if was_on else ", switched on")


def send_test_text(mobile: str, *, now: datetime) -> Iterator[str]:
    """Send the text "Test message" by the first driver, and say what became of it."""
    for outcome in tryout.run(registry(), SMS, to=mobile, now=now):
        yield f"test text: {outcome.text}"


def _wrong(place: str, error: Invalid) -> ConfigError:
    sentences = (f"{place}.{key}: {text}" if key else f"{place}: {text}" for key, text in error.fields.items())
    return ConfigError(" ".join(sentences))
