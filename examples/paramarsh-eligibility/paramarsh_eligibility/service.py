"""The eligibility service. Whatever goes wrong with it raises, and the portal gives the token."""

import json

from portal.api import json_text, outbound
from portal.contracts import GatewayError

from .settings import EligibilitySettings

REASONS = ("expired", "unpaid", "suspended")


def reason_against(ben_id: str, specialty: str, settings: EligibilitySettings) -> str:
    """Ask whether a card gives a token: "" when it does, else one of REASONS. Raises GatewayError."""
    told = _answer({"ben_id": ben_id, "specialty": specialty}, settings)
    if told.get("eligible") is True:
        return ""
    reason = told.get("reason")
    if told.get("eligible") is not False or reason not in REASONS:
        raise GatewayError("The service answers what is not agreed on.")
    return str(reason)


def check(settings: EligibilitySettings) -> None:
    """Check that the service answers. Raises GatewayError."""
    _answer({"ben_id": "", "specialty": ""}, settings)


def _answer(asked: dict[str, str], settings: EligibilitySettings) -> dict[str, object]:
    head = {"Authorization": f"Bearer {settings.key.get_secret_value()}", "Content-Type": "application/json"}
    try:
        answer = outbound.call(
            "POST", settings.url, seconds=settings.seconds, headers=head, content=json.dumps(asked).encode()
        )
    except (outbound.Unreachable, outbound.NoAnswer) as error:
        raise GatewayError("The service does not answer.") from error
    if not answer.is_success:
        raise GatewayError(f"The service answers {answer.status}.")
    told: dict[str, object] = json_text.read_object(answer.body)
    return told
