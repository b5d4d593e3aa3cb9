"""What a plugin answers to a claim: nonsense confirms nothing, and a service without a name has the plugin's."""

from datetime import date

import pytest

from portal.contracts import IdentityAnswer, IdentityClaim, IdentityStep
from portal.core.beneficiaries.identities.steps import ask, steps
from tests.fakes import install_plugin

STEP = IdentityStep("ABHA number", "https://healthid.abdm.gov.in")
CLAIM = IdentityClaim("u" * 22, "1000001", "Asha", "female", date(1985, 5, 5), "+919000000001", "91123456789012")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "verified",
        IdentityAnswer("verified"),
        IdentityAnswer("refused"),
        IdentityAnswer("perhaps", "Who knows"),
        IdentityAnswer("verified", number="9" * 65),
    ],
    ids=str,
)
def test_nonsense_confirms_nothing(app, db, now, answer):
    install_plugin(app, "odd", identity_step=lambda: STEP, identify_beneficiary=lambda claim: answer)
    assert ask("odd", CLAIM, now) is None


def test_a_service_without_a_name_has_the_plugins(app, db, now):
    answer = IdentityAnswer("verified", number="1")
    install_plugin(app, "odd", identity_step=lambda: STEP, identify_beneficiary=lambda claim: answer)
    assert ask("odd", CLAIM, now).verified_by == "odd for tests"


@pytest.mark.parametrize(
    "step", [None, "x", IdentityStep("", "urn:x:y"), IdentityStep("ABHA", "javascript:x")], ids=str
)
def test_a_step_without_a_name_or_a_uri_is_left_out(app, db, step):
    install_plugin(app, "odd", identity_step=lambda: step)
    assert steps() == {}


def test_a_plugin_that_is_off_is_not_asked(app, db, now):
    assert ask("nobody", CLAIM, now) is None
