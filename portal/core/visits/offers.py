"""What plugins offer on a visit's page."""

from portal.contracts import Action, VisitFact
from portal.core.visits.models import Visit
from portal.plugin_host.registry import Registry


def actions_of(registry: Registry, visit: Visit, role: str) -> list[Action]:
    """Links of all plugins that are on, for the patient (`beneficiary`) or the `doctor` of this visit."""
    fact = VisitFact(visit.uid, visit.token, visit.session.specialty.code, visit.attempt)
    answers = registry.collect("visit_actions", visit=fact, state=visit.state, role=role)
    return [action for answer in answers for action in answer]
