"""Contract tests for every plugin: inherit from PluginContract, and set the plugin and its settings."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest

from portal.base import clock
from portal.base.errors import Invalid
from portal.contracts import GatewayError
from portal.core.admin.plugin_page import hooks
from portal.plugin_host import plugin_settings
from portal.plugin_host.capabilities import KINDS
from portal.plugin_host.models import PluginState
from portal.settings.schema import is_secret
from portal.testing.deployment import METHODS, Deployment, running
from portal.testing.encounters import NOW, a_message, a_visit, closed_port, silent_server
from portal.web.access import roles_of
from portal.work.audit import AuditRow

CANARY = "a-secret-that-must-not-be-seen"
ARGUMENTS: dict[str, dict[str, Any]] = {
    "send_message": {"message": a_message()},
    "open_room": {"visit": a_visit(), "now": NOW},
}


class PluginContract:
    """Base class of the contract tests. Set `plugin` and `settings`; override the rest as needed."""

    plugin: ClassVar[ModuleType]
    settings: ClassVar[dict[str, str]] = {}  # valid form input, enough to switch it on
    wrong: ClassVar[dict[str, str]] = {}  # field -> invalid text
    timeout: ClassVar[float] = 15.0  # timeout in seconds for a server that hangs

    def settings_for(self, host: str, port: int) -> dict[str, str] | None:
        """Return settings that point the plugin at this server; None when it calls none."""
        return None

    @pytest.fixture
    def portal(self, tmp_path: Path) -> Iterator[Deployment]:
        """A portal with the plugin, switched off."""
        with running(self.plugin.__name__.rpartition(".")[2], self.plugin, tmp_path) as deployment:
            yield deployment

    def test_it_has_a_title_and_says_what_it_does(self) -> None:
        """In its docstring: one line, an empty one, a paragraph."""
        title, _, description = (self.plugin.__doc__ or "").strip().partition("\n\n")
        assert title, "the plugin has no docstring"
        assert "\n" not in title
        assert description.strip()

    def test_it_has_a_hook_that_does_something(self) -> None:
        """One of docs/hooks.md, marked with @hookimpl."""
        own = [name for name in hooks() if hasattr(self.plugin, name)]
        assert set(own) - {"settings_schema"}
        unmarked = [name for name in own if not hasattr(getattr(self.plugin, name), "portal_impl")]
        assert unmarked == []

    def test_off_answers_404_on_every_path_and_method(self, portal: Deployment) -> None:
        """Before and after it was on."""
        browser = portal.browser("admin")
        for _ in range(2):
            answers = {
                (method, path): browser.open(path, method=method).status_code
                for path in portal.addresses()
                for method in METHODS
            }
            assert {case: code for case, code in answers.items() if code != 404} == {}
            self._on(portal)
            portal.switch(False)

    def test_every_page_of_its_own_says_who_may_call_it(self, portal: Deployment) -> None:
        """By @allow; a view without it is denied to everybody."""
        rules = [rule for rule in portal.app.url_map.iter_rules() if rule.rule.startswith(f"/x/{portal.name}/")]
        assert [rule.rule for rule in rules if not roles_of(portal.app, rule.endpoint)] == []

    def test_it_goes_on_and_off_and_the_portal_works_either_way(self, portal: Deployment) -> None:
        """Pages of the portal render with and without the plugin's links."""
        browser = portal.browser("admin")
        self._on(portal)
        for expected in (True, False):
            portal.switch(expected)
            assert portal.registry.is_on(portal.name) is expected
            for path in ("/help", "/admin", "/admin/plugins", f"/admin/plugins/{portal.name}"):
                assert browser.get(path).status_code == 200

    def test_it_stays_off_while_a_setting_is_missing(self, portal: Deployment) -> None:
        """Every required setting is named with a sentence."""
        needed = [key for key, field in portal.schema.model_fields.items() if field.is_required()]
        if needed:
            with pytest.raises(Invalid) as refusal:
                portal.switch(True)
            assert set(needed) <= set(refusal.value.fields)
            assert not portal.registry.is_on(portal.name)

    def test_a_wrong_setting_is_refused_beside_its_field_and_nothing_is_stored(self, portal: Deployment) -> None:
        """One at a time, with all others valid."""
        for field, text in self.wrong.items():
            with pytest.raises(Invalid) as refusal:
                portal.configure(**self.settings | {field: text})
            assert refusal.value.fields.get(field) or refusal.value.fields.get("")
            assert not PluginState.select().where(PluginState.name == portal.name, PluginState.settings != {}).exists()

    def test_every_setting_has_a_label(self, portal: Deployment) -> None:
        """The field's `title`."""
        assert [key for key, field in portal.schema.model_fields.items() if not field.title] == []

    def test_secrets_are_stored_sealed_and_never_shown(self, portal: Deployment) -> None:
        """Neither on pages, nor in plaintext in the database, the audit log or repr()."""
        secrets = [key for key in portal.schema.model_fields if is_secret(portal.schema, key)]
        portal.configure(**self.settings | dict.fromkeys(secrets, CANARY))
        browser = portal.browser("admin")
        shown = "".join(
            browser.get(path).get_data(as_text=True)
            for path in ("/admin", "/admin/plugins", f"/admin/plugins/{portal.name}", "/admin/audit")
        )
        row = PluginState.get(PluginState.name == portal.name)
        log = "".join(audit.details for audit in AuditRow.select())
        assert CANARY not in shown + str(row.settings) + log + repr(portal.registry.settings(portal.name))

    def test_the_administrators_order_decides(self, portal: Deployment) -> None:
        """It is called before or after another provider, by the administrator's order."""
        kinds = [hook for hook in KINDS if hasattr(self.plugin, hook)]
        self._on(portal)
        portal.install("neighbour", **dict.fromkeys(kinds, lambda **_given: None))
        for place, last in ((1, "neighbour"), (len(portal.registry.installed), portal.name)):
            portal.move(place)
            for hook in kinds:
                assert [name for name, _function in portal.registry.implementations(hook)][-1] == last

    @pytest.mark.parametrize("day", ["silent", "gone"])
    def test_a_server_that_does_not_answer_is_given_up_in_time(self, portal: Deployment, day: str) -> None:
        """A timeout raises a GatewayError without secrets, so that the next plugin is tried (failover)."""
        with silent_server() as silent:
            host, port = silent if day == "silent" else closed_port()
            settings = self.settings_for(host, port)
            deeds = [hook for hook in ARGUMENTS if hasattr(self.plugin, hook)]
            if settings is None or not deeds:
                pytest.skip("this plugin asks no server: override settings_for() when it does")
            portal.configure(**settings)
            for hook in deeds:
                started = clock.monotonic()
                with pytest.raises(GatewayError) as failure:
                    portal.registry.ask(portal.name, hook, **ARGUMENTS[hook])
                assert clock.monotonic() - started < self.timeout
                self._keeps_secrets(portal, str(failure.value))

    def _on(self, portal: Deployment) -> None:
        portal.configure(**self.settings)
        portal.switch(True)

    def _keeps_secrets(self, portal: Deployment, text: str) -> None:
        for secret in plugin_settings.secrets_in(portal.registry.settings(portal.name)):
            assert not secret or secret not in text
        assert not re.search(r"\d{10}", text), "a mobile number stands in an error"
