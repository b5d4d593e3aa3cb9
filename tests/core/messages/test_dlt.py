"""DLT: each text is sent with its IDs, and a wording that operators would drop is never saved."""

import pytest

from portal.base.errors import Invalid
from portal.base.gsm import segments
from portal.core.messages import dlt
from portal.core.messages.dlt import Registration, mismatch, registration, to_register
from portal.core.messages.kinds import KINDS
from portal.core.messages.models import Wording
from portal.core.messages.texts import default, fill
from portal.core.messages.wording_rules import Draft, Rules, problems
from portal.settings.clinic import TextRules, put
from tests.factories import make_staff

OTP = "$code is your OTP to sign in to tele-OPD, valid for $minutes min. Do not share it with anyone. -CGHSTC"
AT_OPERATOR = OTP.replace("$code", "{#numeric#}").replace("$minutes", "{#var#}")
NUMBER = "1307161234567890123"
RULES = Rules("1301157641566214705", "CGHSTC", frozenset({"cghs.gov.in", "18002088900"}), {"1" * 19: ("token", "en")})
ALL = [(template, language) for template in KINDS for language in ("en", "hi")]


def wrong(text: str = OTP, registered: str = "", number: str = NUMBER, rules: Rules = RULES) -> dict[str, str]:
    """Validate an English OTP of this wording, registered as it is."""
    registered = registered or to_register("otp", "en", text)
    return problems(Draft("otp", "en", text, registered, number), rules)


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
def test_every_default_wording_can_be_registered(template, language):
    wording = default(template, language)
    draft = Draft(template, language, wording, to_register(template, language, wording), NUMBER)
    assert problems(draft, RULES) == {}


@pytest.mark.parametrize(("template", "language"), ALL)
def test_every_default_wording_is_one_part_with_the_longest_values(template, language):
    filled = fill(template, default(template, language), KINDS[template].samples(language))
    assert segments(filled).parts == 1


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


@pytest.mark.parametrize(
    ("registered", "sentence"),
    [
        (
            AT_OPERATOR.replace("valid", "good"),
            "the wording goes on with “valid for {#var#} mi”, the registered text with “good for",
        ),
        (AT_OPERATOR + ".", "the wording goes on with nothing more, the registered text with “.”."),
        (AT_OPERATOR[:-3], "the wording goes on with “STC”, the registered text with nothing more."),
        (AT_OPERATOR.replace("OTP", "otp"), "After “{#var#} is your ” the two differ"),
        (AT_OPERATOR.replace("your OTP", "your  OTP"), "the registered text with “ OTP"),
        (AT_OPERATOR.replace("your OTP", "your\u00a0OTP"), "They look alike, but their characters are others"),
        (AT_OPERATOR.replace("{#var#}", "{#Var#}"), "{#Var#} is no place for a value"),
        (AT_OPERATOR.replace("{#var#}", "{#url#}"), "{#url#} is no place for a value"),
    ],
)
def test_a_mismatch_with_the_registered_text_names_the_first_difference(registered, sentence):
    assert sentence in wrong(registered=registered)["registered"]


def test_a_digits_only_variable_never_holds_letters():
    said = mismatch("missed_call", "en", "Token $token. -CGHSTC", "Token {#numeric#}. -CGHSTC")
    assert said == "{#numeric#} takes digits only, but $token can be MED-999. Register it as {#alphanumeric#}."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write 1 to 600 characters."),
        ("x" * 601, "Write 1 to 600 characters."),
        (OTP.replace("$minutes", "$hours"), "This text has no value $hours. It has $code, $minutes. The value"),
        (OTP.replace("$minutes", "${minutes}"), "A $ may only begin one of these"),
        (OTP.replace("$code", "$Code"), "A $ may only begin one of these"),
        (OTP + " $$", "A $ may only begin one of these"),
        ("$code - $minutes is your OTP. -CGHSTC", "Between two values there must be a word"),
        (OTP + " {{7*7}} {0.__class__}", "Leave these signs out: { }"),
        (OTP + " %n <b>", "Leave these signs out: < > %"),
        (OTP + "\nPay now", "Write it on one line"),
        (OTP + "\u202e", "Write it on one line, without invisible characters."),
        (OTP.replace("valid", " valid"), "Leave one space between words, not two."),
        (OTP.replace("CGHSTC", "ESIC"), "The name CGHSTC must stand in it."),
        (OTP + " See https://evil.example/x", "“https://evil.example/x” is not among"),
        (OTP + " See cghs.gov.in.evil.in", "“cghs.gov.in.evil.in” is not among"),
        (OTP + " See $code.in", "“x.in” is not among"),
        (OTP + " See 10.0.0.7", "“10.0.0.7” is not among"),
        (OTP + " Phone +91 98765 43210", "“+91 98765 43210” is not among"),
        (OTP + "क" * 250, "It is longer than 5 parts."),
    ],
)
def test_a_wording_that_operators_would_drop_is_refused(text, sentence):
    assert sentence in wrong(text)["text"]


@pytest.mark.parametrize(
    "more", ["See https://cghs.gov.in/", "See CGHS.gov.in.", "Phone 1800-208-8900", "\u0915\u094d\u200d\u0937"]
)
def test_whitelisted_addresses_and_hindi_joiners_are_allowed(more):
    assert wrong(f"{OTP} {more}") == {}


@pytest.mark.parametrize("number", ["130716123456789012", NUMBER + "4", "१" * 19, "1307161234567890 23"])
def test_an_invalid_template_id_is_refused(number):
    assert wrong(number=number) == {"template_id": "The number has 19 digits."}


def test_a_template_id_belongs_to_one_text():
    assert wrong(number="1" * 19)["template_id"].startswith("Another text has this number.")


def test_a_registered_clinic_needs_template_ids_and_another_none():
    bare = Draft("otp", "en", OTP)
    assert set(problems(bare, RULES)) == {"registered", "template_id"}
    assert problems(bare, Rules("", "CGHSTC", frozenset(), {})) == {}


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
