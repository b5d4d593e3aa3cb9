"""SMS templates: previewed, validated, audited, reset."""

import html
import re

import pytest

from portal.core.messages.kinds import KINDS
from portal.core.messages.models import Wording
from portal.core.messages.texts import render
from portal.settings.clinic import put
from portal.work.audit import AuditRow
from tests.factories import make_staff
from tests.fakes import install_plugin

LIST = "/admin/messages/templates"
PAGE = f"{LIST}/missed_call/hi"
GOOD = {
    "text": "टोकन $token छूटा, फिर बुलाएँगे। -CGHSTC",
    "registered": "टोकन {#alphanumeric#} छूटा, फिर बुलाएँगे। -CGHSTC",
    "template_id": "1307161234567890123",
}


@pytest.fixture
def admin(sign_in):
    return sign_in(make_staff("admin"))


def read(answer) -> str:
    return html.unescape(answer.text)


def sent() -> str:
    return render("missed_call", "hi", {"token": "MED-001"})


def test_the_list_shows_every_text_in_both_languages(admin):
    page = read(admin.get(LIST))
    assert page.count("as delivered") == 2 * len(KINDS)
    assert KINDS["otp"].hi in page


def test_a_saved_wording_is_sent_and_audited(admin):
    answer = admin.submit(PAGE, GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{LIST}#missed_call-hi")
    assert sent() == "टोकन MED-001 छूटा, फिर बुलाएँगे। -CGHSTC"
    row = AuditRow.get(AuditRow.action == "WordingChanged")
    assert (row.subject, row.actor_uid) == ("missed_call.hi", Wording.get().changed_by)
    page = read(admin.get(LIST))
    assert page.count("as delivered") == 2 * len(KINDS) - 1
    assert GOOD["template_id"] in page


def test_the_overview_warns_of_unregistered_texts(app, admin):
    assert "never arrive" not in admin.get("/admin").text  # a demo sends to a file
    install_plugin(app, "gateway", send_message=lambda message: None, message_drivers=lambda: ["kannel", "outbox"])
    assert f"never arrive: {2 * len(KINDS)}" in admin.get("/admin").text
    put("dlt_entity", "1301157641566214705")
    put("dlt_header", "CGHSTC")
    admin.submit(PAGE, GOOD)
    assert f"never arrive: {2 * len(KINDS) - 1}" in admin.get("/admin").text


def test_validation_shows_every_wrong_field_and_saves_nothing(admin):
    wrong = {"text": "Token {{7*7}} -CGHSTC", "registered": "x", "template_id": "12"}
    answer = admin.submit(PAGE, wrong)
    page = read(answer)
    assert answer.status_code == 422
    for sentence in ("The value $token is missing.", "Leave these signs out: { }", "The number has 19 digits."):
        assert sentence in page
    assert "Token {{7*7}} -CGHSTC</textarea>" in page
    assert not Wording.select().exists()
    assert sent() == KINDS["missed_call"].hi.replace("$token", "MED-001")


def test_a_text_that_differs_from_the_registered_one_is_refused(admin):
    answer = admin.submit(PAGE, GOOD | {"registered": GOOD["registered"].replace("फिर", "बाद में")})
    assert answer.status_code == 422
    assert "the registered text with “बाद में" in read(answer)
    assert not Wording.select().exists()


def test_the_preview_shows_the_text_its_parts_and_its_cost_and_saves_nothing(admin):
    put("part_paise", "18")
    answer = admin.submit(PAGE, {"do": "preview", "text": "टोकन $token " + "क" * 60 + " -CGHSTC"})
    page = read(answer)
    assert answer.status_code == 200
    for part in ("टोकन MED-999 क", "UCS-2", "81 of 134", "2 × 18 paise = ₹ 0.36", "Longer than one part"):
        assert part in page
    assert not Wording.select().exists()


def test_the_live_preview_is_a_fragment(admin):
    text = "Token $token – call again. -CGHSTC"
    answer = admin.submit(f"{LIST}/missed_call/en", {"do": "preview", "text": text}, headers={"HX-Request": "true"})
    page = read(answer)
    assert page.strip().startswith('<section id="preview"')
    assert "160: –" in page
    assert "Token {#alphanumeric#} – call again. -CGHSTC" in page


def test_a_wording_can_be_reset_to_the_default(admin):
    admin.submit(PAGE, GOOD)
    assert "Back to the wording as delivered" in admin.get(PAGE).text
    for _twice in range(2):
        assert admin.submit(PAGE, {"do": "default"}).status_code == 303
    assert not Wording.select().exists()
    assert AuditRow.select().where(AuditRow.action == "WordingReset").count() == 1
    assert "Back to the wording as delivered" not in admin.get(PAGE).text


def test_saving_twice_stores_one_row(admin):
    for word in ("बुलाएँगे", "बुलाएंगे"):
        text = {key: value.replace("बुलाएँगे", word) for key, value in GOOD.items()}
        assert admin.submit(PAGE, text).status_code == 303
    assert Wording.get().text == GOOD["text"].replace("बुलाएँगे", "बुलाएंगे")


def test_the_list_shows_what_a_registered_clinic_still_lacks(admin):
    admin.submit(PAGE, GOOD)
    put("dlt_entity", "1301157641566214705")
    assert admin.get(LIST).text.count("not registered") == 2 * len(KINDS) - 1
    put("dlt_brand", "ESIC")
    assert len(re.findall("to be corrected", admin.get(LIST).text)) == 2 * len(KINDS)


@pytest.mark.parametrize("address", ["gift/en", "otp/fr", "__class__/hi"])
def test_an_unknown_text_is_not_found(admin, address):
    assert admin.get(f"{LIST}/{address}").status_code == 404
    assert admin.submit(f"{LIST}/{address}", GOOD).status_code == 404


def test_markup_in_a_wording_is_escaped(admin):
    page = admin.submit(PAGE, {"do": "preview", "text": "<script>alert(1)</script> $token"}).text
    assert "<script>alert" not in page


ENGLISH = f"{LIST}/missed_call/en"
CURLY = {
    "text": "Token $token: you missed your turn – don’t worry, you will be called again. -CGHSTC",
    "registered": "Token {#alphanumeric#}: you missed your turn – don’t worry, you will be called again. -CGHSTC",
    "template_id": "1307161234567890123",
}


def seen(page: str) -> str:
    """What the preview has shown, as the browser posts it."""
    return re.search(r'name="counted" value="([^"]*)"', page)[1]


def test_an_expensive_wording_is_saved_only_after_its_cost_was_shown(admin):
    """A curly quote and a dash: two parts instead of one."""
    asked = admin.submit(ENGLISH, CURLY)
    page = read(asked)
    assert asked.status_code == 422
    assert "Each text will have 2 parts (UCS-2)" in page
    assert "70 characters instead of 160: – ’" in page
    assert not Wording.select().exists()
    assert admin.submit(ENGLISH, CURLY | {"counted": seen(page)}).status_code == 303
    assert Wording.get().text == CURLY["text"]


def test_the_live_preview_counts_as_shown(admin):
    live = admin.submit(ENGLISH, CURLY | {"do": "preview"}, headers={"HX-Request": "true"}).text
    assert admin.submit(ENGLISH, CURLY | {"counted": seen(live)}).status_code == 303


def test_the_cost_of_another_wording_does_not_count_as_shown(admin):
    before = seen(read(admin.get(ENGLISH)))
    assert before == "GSM-7 1"
    assert admin.submit(ENGLISH, CURLY | {"counted": before}).status_code == 422


def test_one_button_replaces_the_expensive_characters(admin):
    offered = read(admin.submit(ENGLISH, CURLY | {"do": "preview"}))
    assert "With plain signs it would be: Token $token: you missed your turn - don't worry" in offered
    page = read(admin.submit(ENGLISH, CURLY | {"do": "plain"}))
    plain = CURLY["text"].replace("–", "-").replace("’", "'")
    assert f"{plain}</textarea>" in page
    assert seen(page) == "GSM-7 1"
    registered = CURLY["registered"].replace("–", "-").replace("’", "'")
    assert (
        admin.submit(
            ENGLISH, {"text": plain, "registered": registered, "template_id": "1307161234567890123"}
        ).status_code
        == 303
    )


def test_the_button_is_not_offered_where_it_does_not_help(admin):
    text = {"text": "Token $token – नमस्ते. -CGHSTC", "do": "preview"}
    assert "With plain signs" not in read(admin.submit(ENGLISH, text))
    assert "With plain signs" not in read(admin.submit(PAGE, GOOD | {"do": "preview"}))
