"""DLT: each text is sent with its IDs, in the wording that is registered."""

import pytest

from portal.base.errors import Invalid
from portal.base.gsm import segments
from portal.core.messages import dlt
from portal.core.messages.dlt import Registration, mismatch, registration, to_register
from portal.core.messages.kinds import KINDS
from portal.core.messages.models import Wording
from portal.core.messages.texts import default, fill
from portal.core.messages.wording_rules import Rules
from portal.settings.clinic import put
from portal.settings.texts import TextRules
from tests.factories import make_staff

OTP = "$code is your OTP to sign in to tele-OPD, valid for $minutes min. Do not share it with anyone. -CGHSTC"


AT_OPERATOR = OTP.replace("$code", "{#numeric#}").replace("$minutes", "{#var#}")


NUMBER = "1307161234567890123"


RULES = Rules("1301157641566214705", "CGHSTC", frozenset({"cghs.gov.in", "18002088900"}), {"1" * 19: ("token", "en")})


ALL = [(template, language) for template in KINDS for language in ("en", "hi")]


@pytest.fixture
def known(db, now):
    """Register the clinic and its English registration text."""
    put("dlt_entity", RULES.entity)
    put("dlt_header", "CGHSTC")
    text = "Your patient ID is now $patient_id. -CGHSTC"
    Wording.create(template="registered", language="en", text=text, template_id=NUMBER, changed_at=now, changed_by="x")


def test_a_text_is_sent_in_the_clinics_wording_with_entity_header_and_template_id(known, operator, queue, text):
    text()
    queue.drain()
    sent = operator.ledger[0]
    assert sent.text == "Your patient ID is now 2611230000017. -CGHSTC"
    assert (sent.dlt_entity, sent.dlt_header, sent.dlt_template) == (RULES.entity, "CGHSTC", NUMBER)


def test_an_unregistered_text_has_no_template_id(known):
    assert registration("registered", "hi") == Registration(RULES.entity, "CGHSTC", "")
    put("dlt_entity", "")
    assert registration("token", "en").entity == ""


def test_a_stale_wording_with_other_variables_is_not_used(known, operator, queue, text):
    Wording.update(text="Hello $name, your patient ID is $patient_id. -CGHSTC").execute()
    text()
    queue.drain()
    assert operator.ledger[0].text.startswith("Registration done.")
    assert operator.ledger[0].dlt_template == ""


def test_the_plugins_test_message_is_a_registered_text(app, known, sign_in, operator, now):
    text = "Test of the OPD at $time. -CGHSTC"
    Wording.create(template="test", language="en", text=text, template_id="2" * 19, changed_at=now, changed_by="x")
    admin = sign_in(make_staff("admin"))
    admin.submit("/admin/plugins/operator/test", {"to": "9876543210"}, page="/admin/plugins")
    sent = operator.ledger[0]
    assert (sent.text, sent.dlt_template) == ("Test of the OPD at 09:30. -CGHSTC", "2" * 19)


@pytest.mark.parametrize(("template", "language"), ALL)
def test_every_default_wording_has_the_parts_of_its_entry_with_the_longest_values(template, language):
    filled = fill(template, default(template, language), KINDS[template].samples(language))
    assert segments(filled).parts == (KINDS[template].parts if language == "hi" else 1)


@pytest.mark.parametrize(
    "registered",
    [
        AT_OPERATOR,
        to_register("otp", "en", OTP),
        OTP.replace("$code", "{#number#}").replace("$minutes", "{#alphanumeric#}"),
    ],
)
def test_a_registered_text_matches_whatever_its_variables_are_called(registered):
    assert mismatch("otp", "en", OTP, registered) == ""


def test_a_digits_only_variable_never_holds_letters():
    said = mismatch("missed_call", "en", "Token $token. -CGHSTC", "Token {#numeric#}. -CGHSTC")
    assert said == "{#numeric#} takes digits only, but $token can be MED-999. Register it as {#alphanumeric#}."


@pytest.mark.parametrize(
    ("key", "text"),
    [("dlt_entity", "130115764156621470"), ("dlt_entity", "x" * 19), ("dlt_header", "CGHS-TC"), ("dlt_header", "AB")],
)
def test_the_clinics_own_ids_are_validated(db, key, text):
    with pytest.raises(Invalid):
        put(key, text)
    assert getattr(TextRules.in_force(), key) == ""


def test_variables_are_tagged_for_registration():
    assert dlt.to_register("token", "en", "$token, $number") == "{#alphanumeric#}, {#numeric#}"


def test_only_a_text_with_the_link_has_a_place_for_an_address():
    wording = KINDS["your_turn_link"].en
    assert mismatch("your_turn_link", "en", wording, to_register("your_turn_link", "en", wording)) == ""
    assert "{#url#} is no place" in mismatch("otp", "en", OTP, OTP.replace("$code", "{#url#}"))
