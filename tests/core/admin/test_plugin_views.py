"""The plugin pages: description, permissions, health, history, settings, order."""

from typing import Literal

import pytest
from pydantic import Field, SecretStr, field_validator

from portal.contracts import GatewayError, PluginSettings, Receipt
from portal.plugin_host.changes import in_order
from portal.plugin_host.failures import write_counts
from portal.plugin_host.models import PluginHealth, PluginState
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import obstacles
from portal.work.audit import AuditRow
from tests.factories import make_staff
from tests.fakes import Operator, install_plugin


class Account(PluginSettings):
    """Settings with one of each kind of field."""

    url: str = Field(title="Address", min_length=5, json_schema_extra={"group": "Server"})
    seconds: int = Field(10, title="Seconds", ge=1, le=60, json_schema_extra={"group": "Server"})
    driver: Literal["one", "two"] = Field("one", title="Way")
    hosts: tuple[str, ...] = Field((), title="Hosts")
    loud: bool = Field(False, title="Loud")
    ways: tuple[Literal["sea", "air"], ...] = Field(
        ("sea",), title="Ways", json_schema_extra={"words": {"sea": "By ship"}}
    )
    deep: str = Field("", title="Depth", json_schema_extra={"group": "Rare", "folded": True})
    password: SecretStr = Field(SecretStr(""), title="Password")

    @field_validator("url")
    @classmethod
    def no_blanks(cls, value: str) -> str:
        if " " in value:
            raise ValueError("No blanks.")
        return value


# One line each; "ways" goes up in its boxes.
FORM = {
    "ways": "sea",
    "url": "https://a.example",
    "seconds": "5",
    "driver": "two",
    "hosts": "b\nc",
    "password": "canary",
}
PAGE = "/admin/plugins/account"


@pytest.fixture
def plugin(app, db):
    """A sender plugin with settings, installed and switched off."""
    operator = Operator()
    module = install_plugin(app, "account", settings_schema=lambda: Account, send_message=operator.send_message)
    module.__doc__ = "An account\n\nSends by an account. Nothing else."
    PluginState.update(enabled=False).where(PluginState.name == "account").execute()
    return operator


@pytest.fixture
def browser(plugin, sign_in):
    return sign_in(make_staff("admin", name="Asha Verma"))


def settings() -> dict:
    return PluginState.get(PluginState.name == "account").settings


def test_the_page_shows_description_permissions_and_requirements(browser):
    page = browser.get(PAGE).text
    for words in (
        "An account",
        "Sends by an account. Nothing else.",
        "it gets the mobile number",
        "<legend>Server</legend>",
    ):
        assert words in page
    assert "before it can be switched on: Server: Address<" in browser.get("/admin/plugins").text


def test_the_page_shows_missing_settings_before_and_after_a_refused_switch(browser):
    page = browser.get(PAGE).text
    assert "These settings have to be filled in: Server: Address." in page
    assert "Server: Address: This is required." in page
    answer = browser.submit(f"{PAGE}/enable", {}, page=PAGE)
    assert answer.status_code == 422
    assert "It stays off until this is put right." in answer.text
    assert '<a href="#url">Server: Address: This is required.</a>' in answer.text


def test_an_ordered_choice_is_edited_box_by_box(browser):
    answer = browser.submit(PAGE, FORM | {"ways": "air", "ways-2": "sea"})
    assert answer.headers["Location"].endswith(PAGE)
    assert settings()["ways"] == ["air", "sea"]
    page = browser.get(PAGE).text
    first, second = page.split('name="ways"')[1].split('name="ways-2"')
    assert '<option value="air" selected>air</option>' in first
    assert '<option value="sea" selected>By ship</option>' in second
    assert "Ways: <del>sea</del> → <ins>air, sea</ins>" in page
    answer = browser.submit(PAGE, FORM | {"ways": "road"})
    assert "Ways: Choose one of these: sea, air." in answer.text


def test_switching_off_the_only_sender_warns(app, browser):
    install_plugin(app, "only", send_message=lambda message: None)
    question = browser.submit("/admin/plugins/only/disable", page="/admin/plugins")
    assert (question.status_code, "<title>Error:" in question.text) == (409, False)
    browser.submit("/admin/plugins/only/disable", {"confirm": "yes"}, page="/admin/plugins")
    assert "No other plugin that is on does this: Messages." in browser.get("/admin/plugins").text


def test_a_folded_group_is_open_if_one_of_its_settings_is_set(browser):
    browser.submit(PAGE, FORM | {"deep": ""})
    assert "<details><summary>Rare</summary>" in browser.get(PAGE).text
    browser.submit(PAGE, FORM | {"deep": "7", "loud": "yes"})
    page = browser.get(PAGE).text
    assert "<details open><summary>Rare</summary>" in page
    assert "Loud: <del>No</del> → <ins>Yes</ins>" in page


def test_the_history_shows_changes_and_actors_but_no_secrets(browser):
    browser.submit(PAGE, FORM)
    browser.submit(PAGE, FORM | {"url": "https://b.example", "password": "another"})
    page = browser.get(PAGE).text
    assert page.count("· Asha Verma") == 2
    assert "<del>https://a.example</del> → <ins>https://b.example</ins>" in page
    assert "Password: <del>•••</del> → <ins>•••</ins>" in page
    assert "canary" not in page + str(settings()) + "".join(row.details for row in AuditRow.select())
    assert page.count("Seconds: <del>") == 1


def test_a_refused_form_keeps_the_input_but_no_secret(browser):
    answer = browser.submit(PAGE, FORM | {"seconds": "99", "url": "a b c d"})
    assert answer.status_code == 422
    assert "Give at most 60." in answer.text
    assert "No blanks." in answer.text
    assert 'value="a b c d"' in answer.text
    assert "canary" not in answer.text
    assert settings() == {}


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("seconds", "many", "Give a number."),
        ("seconds", "0", "Give at least 1."),
        ("url", "x", "At least 5 characters."),
        ("url", "", "This is required."),
        ("driver", "three", "Choose one of these: one, two."),
        ("driver", "", "This is required."),
    ],
)
def test_every_error_is_a_sentence_beside_its_field(browser, field, text, sentence):
    answer = browser.submit(PAGE, FORM | {field: text})
    assert (answer.status_code, sentence in answer.text, f'id="{field}-error"' in answer.text) == (422, True, True)


def test_a_secret_can_be_deleted(browser):
    browser.submit(PAGE, FORM)
    browser.submit(PAGE, FORM | {"password": ""})
    assert settings()["password"]
    browser.submit(PAGE, FORM | {"password": "", "password-remove": "yes"})
    assert "password" not in settings()


def test_the_page_shows_calls_errors_and_health(browser, plugin, now):
    plugin.failure = GatewayError("busy at 919876543210")
    with pytest.raises(GatewayError):
        registry().ask("account", "send_message", message=None)
    write_counts(registry(), now=now)
    PluginHealth.create(plugin="account", probe="balance", error="twelve rupees", at=now)
    page = browser.get(PAGE).text
    assert "busy at •••3210" in page
    assert "twelve rupees" in page
    assert "balance: twelve rupees" in browser.get("/admin").text


def test_a_plugin_is_moved_to_a_place_and_nowhere_else(browser):
    names = list(registry().installed)
    browser.submit("/admin/plugins/account/move", {"place": "१"}, page="/admin/plugins")
    assert in_order(names)[0] == "account"
    answer = browser.submit("/admin/plugins/account/move", {"direction": "up"}, page="/admin/plugins")
    assert answer.headers["Location"].endswith("#down-account")  # the first has no "Up"
    browser.submit("/admin/plugins/account/move", {"direction": "down"}, page="/admin/plugins")
    assert in_order(names)[1] == "account"
    for wrong in ("0", "99", "-1", "²", "up and away", ""):
        answer = browser.submit("/admin/plugins/account/move", {"place": wrong}, page="/admin/plugins")
        assert answer.status_code == 422
    assert in_order(names)[1] == "account"


def test_a_driver_is_tried_by_itself_and_the_try_out_is_audited(app, browser):
    tried = []

    def send(message):
        tried.append(message.driver)
        return Receipt("7")

    install_plugin(app, "many", send_message=send, message_drivers=lambda: ["kannel", "cdac"])
    assert '<option value="cdac">' in browser.get("/admin/plugins/many").text
    browser.submit("/admin/plugins/many/test", {"to": "9000000001", "driver": "cdac"}, page="/admin/plugins/many")
    assert tried == ["cdac"]
    assert AuditRow.select().where((AuditRow.action == "PluginTried") & (AuditRow.subject == "many")).count() == 1


def test_an_error_of_a_try_out_shows_no_secret(browser, plugin):
    browser.submit(PAGE, FORM)
    plugin.failure = GatewayError("wrong password canary")
    answer = browser.submit(f"{PAGE}/test", {"to": "9000000001"}, page=PAGE, follow_redirects=True)
    assert "wrong password •••" in answer.text


def test_a_plugin_without_its_tables_cannot_be_switched_on(app, browser, tmp_path):
    module = install_plugin(app, "tables", nav_items=lambda role: [])
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "0001_initial.py").write_text(
        "def up(migrator, db):\n    pass\n\n\ndef down(migrator, db):\n    pass\n"
    )
    module.__file__ = str(tmp_path / "__init__.py")
    assert obstacles(registry(), "tables") == {
        "": "Its tables are not there yet. Run “portal migrate” on the server first."
    }
    assert browser.submit("/admin/plugins/tables/enable", page="/admin/plugins").status_code == 422


def test_the_page_says_the_api_version_the_changes_and_what_becomes_of_its_data(app, sign_in, tmp_path):
    (tmp_path / "CHANGELOG.md").write_text("# Changes\n\n## 2.0\n\n- <b>Faster</b>")
    module = install_plugin(app, "guest", api_version=lambda: "1.0")
    module.__file__ = str(tmp_path / "__init__.py")
    text = sign_in(make_staff("admin")).get("/admin/plugins/guest").text
    assert "Written for plugin API" in text
    assert "- &lt;b&gt;Faster&lt;/b&gt;" in text
    assert "It comes with the portal and is updated with it." in text
