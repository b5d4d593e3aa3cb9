"""The administrator's changes of a plugin are audited with their actor."""

from functools import partial

import pytest

from portal.contracts import PluginSettings
from portal.plugin_host.changes import move_plugin, save_plugin_settings
from portal.plugin_host.switches import switch
from portal.work.audit import Actor
from tests.fakes import install_plugin
from tests.noted import noted

ADMIN = Actor("staff", "admin")


class Letters(PluginSettings):
    """A plugin with one setting."""

    sender: str = "clinic"


@pytest.mark.parametrize(
    ("action", "deed"),
    [
        ("PluginSettingsChanged", partial(save_plugin_settings, "letters", {"sender": "opd"})),
        ("PluginMoved", partial(move_plugin, "letters", "down")),
        ("PluginSwitchedOff", partial(switch, "letters", False)),
        ("PluginSwitchedOn", partial(switch, "telegrams", True)),
    ],
)
def test_a_change_of_a_plugin_is_audited_with_its_actor(app, db, now, action, deed):
    install_plugin(app, "letters", position=90, settings_schema=lambda: Letters)
    install_plugin(app, "telegrams", position=95)
    switch("telegrams", False, by=ADMIN, now=now)
    assert noted(lambda: deed(by=ADMIN, now=now)) == [(action, ADMIN, deed.args[0])]
