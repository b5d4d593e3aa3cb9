"""A wording that operators would drop is never saved."""

import pytest

from portal.core.messages.dlt import to_register
from portal.core.messages.texts import default
from portal.core.messages.wording_rules import Draft, Rules, problems
from tests.core.messages.test_dlt import ALL, AT_OPERATOR, NUMBER, OTP, RULES


def wrong(text: str = OTP, registered: str = "", number: str = NUMBER, rules: Rules = RULES) -> dict[str, str]:
    """Validate an English OTP of this wording, registered as it is."""
    registered = registered or to_register("otp", "en", text)
    return problems(Draft("otp", "en", text, registered, number), rules)


@pytest.mark.parametrize(("template", "language"), ALL)
def test_every_default_wording_can_be_registered(template, language):
    wording = default(template, language)
    draft = Draft(template, language, wording, to_register(template, language, wording), NUMBER)
    assert problems(draft, RULES) == {}


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
