"""The plugins that confirm a number elsewhere, and how one is asked."""

from datetime import datetime

from portal.contracts import IdentityAnswer, IdentityClaim, IdentityStep
from portal.plugin_host.fallbacks import identified, identity_steps
from portal.plugin_host.registry import registry


def steps() -> dict[str, IdentityStep]:
    """Map the plugins that confirm a number, in order, to what they ask for."""
    return dict(identity_steps(registry()))


def ask(plugin: str, claim: IdentityClaim, now: datetime) -> IdentityAnswer | None:
    """Have a plugin verify a claim; None when it cannot. A service that gives no name of its own has the plugin's."""
    answer = identified(registry(), plugin, claim, now)
    if answer is None or answer.verified_by or answer.state != "verified":
        return answer
    return IdentityAnswer("verified", number=answer.number, verified_by=registry().title(plugin)[:80])
