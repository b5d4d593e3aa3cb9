"""The state machine of a visit, as data."""

WAITING, CALLED, IN_CALL, WRITING = "waiting", "called", "in_call", "writing"
AWAITING_RECALL = "awaiting_recall"
COMPLETED, NO_SHOW, CANCELLED, EXPIRED = "completed", "no_show", "cancelled", "expired"
TRANSFERRED, CARRIED = "transferred", "carried"

ACTIVE = (CALLED, IN_CALL, WRITING)
READY = (WAITING, AWAITING_RECALL)
OPEN = (*READY, *ACTIVE)
FINAL = (COMPLETED, NO_SHOW, CANCELLED, EXPIRED, TRANSFERRED, CARRIED)

# (from, to) -> who may do it. `system` is a sweep.
MOVES: dict[tuple[str, str], frozenset[str]] = {
    (WAITING, CALLED): frozenset({"doctor"}),
    (WAITING, CANCELLED): frozenset({"beneficiary", "admin", "system"}),
    (WAITING, EXPIRED): frozenset({"system"}),
    (AWAITING_RECALL, WAITING): frozenset({"doctor", "beneficiary"}),
    (AWAITING_RECALL, CALLED): frozenset({"doctor"}),
    (AWAITING_RECALL, CANCELLED): frozenset({"beneficiary", "admin", "system"}),
    (AWAITING_RECALL, NO_SHOW): frozenset({"doctor", "system"}),
    (AWAITING_RECALL, EXPIRED): frozenset({"system"}),
    (CALLED, IN_CALL): frozenset({"beneficiary"}),
    (CALLED, AWAITING_RECALL): frozenset({"doctor", "system"}),
    (CALLED, NO_SHOW): frozenset({"system"}),
    (CALLED, CANCELLED): frozenset({"beneficiary"}),
    (CALLED, WAITING): frozenset({"doctor", "system"}),
    (IN_CALL, WRITING): frozenset({"doctor"}),
    (IN_CALL, AWAITING_RECALL): frozenset({"doctor", "system"}),
    (IN_CALL, COMPLETED): frozenset({"doctor"}),
    (WRITING, IN_CALL): frozenset({"doctor", "beneficiary"}),
    (WRITING, COMPLETED): frozenset({"doctor"}),
}


def is_allowed(from_state: str, to_state: str, role: str) -> bool:
    """May this role take a visit from one state to the other?"""
    return role in MOVES.get((from_state, to_state), frozenset())


def allowed(state: str, role: str) -> frozenset[str]:
    """The states this role may lead to from here: templates draw buttons from it."""
    return frozenset(to for (start, to), roles in MOVES.items() if start == state and role in roles)
