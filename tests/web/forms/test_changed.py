"""Edit conflicts: a stale form changes nothing before somebody has chosen between both texts."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from lxml import html

from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clinic.models import Centre, ClinicSession, Holiday
from portal.core.messages import optout
from portal.core.messages.models import Wording
from portal.core.messages.texts import default
from portal.plugin_host.models import PluginState
from portal.plugin_host.switches import switch
from portal.settings.clinic import QueueRules
from portal.work.audit import SYSTEM
from tests import factories as make
from tests.client import Browser

OTP = "/admin/messages/templates/otp/en"
SHORTER = default("otp", "en").replace(" with anyone", "")


@dataclass
class Form:
    """One form: its page and action, its person, a field with two new values, a reader of the stored value."""

    page: str
    field: str
    values: tuple[str, str]
    stored: Callable[[], str]
    to: str = ""
    role: str = "admin"


def setting(now) -> Form:
    return Form("/admin/settings", "call_seconds", ("90", "150"), lambda: str(QueueRules.in_force().call_seconds))


def centre(now) -> Form:
    row = make.make_centre()
    return Form(
        f"/admin/centres?edit={row.id}",
        "phone",
        ("011-1", "011-2"),
        lambda: Centre.get_by_id(row.id).phone,
        to="/admin/centres",
    )


def holiday(now) -> Form:
    row = Holiday.create(day="2027-01-26", name="Republic Day")
    return Form(
        f"/admin/holidays?edit={row.id}",
        "name",
        ("One", "Two"),
        lambda: Holiday.get_by_id(row.id).name,
        to="/admin/holidays",
    )


def quota(now) -> Form:
    row = make.make_session()
    stored = lambda: str(ClinicSession.get_by_id(row.id).quota)  # noqa: E731
    return Form("/admin/sessions", "quota", ("41", "42"), stored, to=f"/admin/sessions/{row.uid}/quota")


def member_of_staff(now) -> Form:
    row = make.make_staff("doctor")
    return Form(
        f"/admin/staff/{row.uid}", "qualification", ("DNB", "MBBS"), lambda: Staff.get_by_id(row.id).qualification
    )


def plugin(now) -> Form:
    switch("sms_gateway", True, by=SYSTEM, now=now)
    stored = lambda: PluginState.get(PluginState.name == "sms_gateway").settings.get("kannel_username", "")  # noqa: E731
    return Form("/admin/plugins/sms_gateway", "kannel_username", ("one", "two"), stored)


def wording(now) -> Form:
    def stored() -> str:
        row = Wording.get_or_none()
        return row.text if row else ""

    return Form(OTP, "text", (SHORTER, SHORTER.replace("sign in to", "enter")), stored)


def person(now) -> Form:
    row = make.make_beneficiary()
    stored = lambda: Beneficiary.get_by_id(row.id).abha_address or ""  # noqa: E731
    return Form(f"/people/{row.uid}", "abha_address", ("first@abdm", "second@abdm"), stored, role="beneficiary")


def wanted_texts(now) -> Form:
    row = make.make_beneficiary()
    stored = lambda: optout.shown(row.account)["wanted-token"]  # noqa: E731
    return Form("/messages", "wanted-token", ("", "yes"), stored, role="beneficiary")


FORMS = [setting, centre, holiday, quota, member_of_staff, plugin, wording, person, wanted_texts]


def filled(browser: Browser, form: Form) -> dict[str, str]:
    """The form's inputs as the page shows them."""
    page = html.fromstring(browser.get(form.page).text)
    found = next(each for each in page.forms if form.field in each.fields and "version" in each.fields)
    return dict(found.form_values())


def choose(page: str, choice: str) -> dict[str, list[str]]:
    """The conflict page, filled in with one choice for all fields."""
    form = html.fromstring(page).get_element_by_id("changed-form")
    fields: dict[str, list[str]] = {}
    for control in form.xpath(".//input[@type='hidden']"):
        fields.setdefault(control.get("name"), []).append(control.get("value"))
    return fields | {f"keep-{name}": [choice] for name in fields["differs"]}


@pytest.fixture(params=FORMS, ids=lambda make_form: make_form.__name__)
def form(request, db, now) -> Form:
    return request.param(now)


@pytest.fixture
def browser(form, sign_in) -> Browser:
    return sign_in(Beneficiary.get() if form.role == "beneficiary" else make.make_staff("admin"))


def send(browser: Browser, form: Form, fields: dict[str, str], value: str):
    body = {name: text for name, text in (fields | {form.field: value}).items() if text}
    return browser.post(form.to or form.page, data=body)


@pytest.mark.parametrize("choice", ["stored", "typed"])
def test_a_stale_form_is_a_conflict_until_somebody_chooses(form, browser, choice):
    newer, older = filled(browser, form), filled(browser, form)
    one, two = form.values
    assert send(browser, form, newer, one).status_code == 303
    answer = send(browser, form, older, two)
    assert (answer.status_code, form.stored()) == (409, one)
    [back] = html.fromstring(answer.text).xpath("//main/p[last()]/a/@href")
    assert browser.get(back).status_code == 200
    differing = html.fromstring(answer.text).xpath("//fieldset[contains(@class, 'pair')]")
    assert len(differing) == 1
    said = [" ".join(each.text_content().split()) for each in differing[0].xpath(".//span[@class='said']")]
    assert said == [{"": "No", "yes": "Yes"}.get(text, text) for text in (one, two)]
    assert browser.post(form.to or form.page, data=choose(answer.text, choice)).status_code == 303
    assert form.stored() == (one if choice == "stored" else two)


def test_a_form_with_the_current_version_is_saved(form, browser):
    for value in form.values:
        assert send(browser, form, filled(browser, form), value).status_code == 303
        assert form.stored() == value


def test_a_stale_holiday_is_not_deleted(sign_in, db):
    row = Holiday.create(day="2027-01-26", name="Republic Day")
    admin = sign_in(make.make_staff("admin"))
    old = html.fromstring(admin.get("/admin/holidays").text).xpath("//td//form//input[@name='version']/@value")[0]
    Holiday.update(day="2027-08-15", name="Independence Day").where(Holiday.id == row.id).execute()
    body = {"csrf_token": admin.hidden_fields("/admin/holidays")["csrf_token"], "version": old}
    assert admin.post(f"/admin/holidays/{row.id}/delete", data=body).status_code == 409
    assert Holiday.select().count() == 1


def test_a_stale_wording_is_not_withdrawn(sign_in, db):
    admin = sign_in(make.make_staff("admin"))
    old = admin.hidden_fields(OTP)
    assert admin.submit(OTP, {"text": SHORTER}).status_code == 303
    assert admin.post(OTP, data=old | {"do": "default"}).status_code == 409
    assert Wording.get().text == SHORTER


def test_a_conflict_page_shows_no_secret(sign_in, db, now):
    switch("sms_gateway", True, by=SYSTEM, now=now)
    admin = sign_in(make.make_staff("admin"))
    form = Form("/admin/plugins/sms_gateway", "kannel_password", ("first-secret", "other-secret"), lambda: "")
    newer, older = filled(admin, form), filled(admin, form)
    assert send(admin, form, newer, "first-secret").status_code == 303
    before = PluginState.get(PluginState.name == "sms_gateway").settings["kannel_password"]
    answer = send(admin, form, older, "other-secret")
    assert answer.status_code == 409
    assert not [text for text in ("first-secret", "other-secret", before) if text in answer.text]
    assert PluginState.get(PluginState.name == "sms_gateway").settings["kannel_password"] == before
