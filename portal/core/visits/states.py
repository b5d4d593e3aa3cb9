"""The state machine of a visit, as data."""

# Reasons that the portal itself stores; boards/words.py translates them.
AWAY, CLOSED, BACK_TO = "the doctor is away", "the clinic has closed", "back to "
SILENT, UNANSWERED = "doctor's page is silent", "not answered"
MISSED, NEVER_COMPLETED = "missed call ", "never completed"
CUT = "cut"  # the call had begun
WAITING, CALLED, IN_CALL, WRITING = "waiting", "called", "in_call", "writing"
AWAITING_RECALL = "awaiting_recall"
COMPLETED, NO_SHOW, CANCELLED, EXPIRED = "completed", "no_show", "cancelled", "expired"
TRANSFERRED, CARRIED = "transferred", "carried"

ACTIVE = (CALLED, IN_CALL, WRITING)
READY = (WAITING, AWAITING_RECALL)
OPEN = (*READY, *ACTIVE)
GIVEN_BACK = (NO_SHOW, CANCELLED, EXPIRED, TRANSFERRED, CARRIED)  # no consultation: the referral is not used up
FINAL = (COMPLETED, *GIVEN_BACK)
# All but completed, for a query that names a person: by "completed" SQLite would go through those of everybody.
NOT_COMPLETED = (*OPEN, *GIVEN_BACK)

# (from, to) -> roles with permission. `system` is a sweep; `undo` undoes one's own last step (undoing.py).
MOVES: dict[tuple[str, str], frozenset[str]] = {
    (WAITING, CALLED): frozenset({"doctor"}),
    (WAITING, CANCELLED): frozenset({"beneficiary", "admin", "system", "undo"}),
    (WAITING, EXPIRED): frozenset({"system"}),
    (WAITING, CARRIED): frozenset({"system"}),
    (WAITING, TRANSFERRED): frozenset({"doctor"}),
    (AWAITING_RECALL, WAITING): frozenset({"doctor", "beneficiary"}),
    (AWAITING_RECALL, CALLED): frozenset({"doctor", "undo"}),
    (AWAITING_RECALL, IN_CALL): frozenset({"undo"}),
    (AWAITING_RECALL, CANCELLED): frozenset({"beneficiary", "admin", "system"}),
    (AWAITING_RECALL, NO_SHOW): frozenset({"doctor", "system"}),
    (AWAITING_RECALL, EXPIRED): frozenset({"system"}),
    (AWAITING_RECALL, CARRIED): frozenset({"system"}),
    (AWAITING_RECALL, TRANSFERRED): frozenset({"doctor"}),
    (CALLED, IN_CALL): frozenset({"beneficiary"}),
    (CALLED, AWAITING_RECALL): frozenset({"doctor", "system", "undo"}),
    (CALLED, NO_SHOW): frozenset({"doctor", "system"}),
    (CALLED, CANCELLED): frozenset({"beneficiary"}),
    (CALLED, WAITING): frozenset({"doctor", "system", "undo"}),
    (CALLED, TRANSFERRED): frozenset({"doctor"}),
    (IN_CALL, WRITING): frozenset({"doctor"}),
    (IN_CALL, AWAITING_RECALL): frozenset({"doctor", "system"}),
    (IN_CALL, COMPLETED): frozenset({"doctor"}),
    (IN_CALL, NO_SHOW): frozenset({"doctor"}),
    (IN_CALL, TRANSFERRED): frozenset({"doctor"}),
    (WRITING, IN_CALL): frozenset({"doctor", "beneficiary", "undo"}),
    (WRITING, COMPLETED): frozenset({"doctor", "system"}),
    (WRITING, NO_SHOW): frozenset({"doctor"}),
    (WRITING, TRANSFERRED): frozenset({"doctor"}),
    # Final states, left only by an undo of one's own last step.
    **{(TRANSFERRED, state): frozenset({"undo"}) for state in OPEN},
    **{(NO_SHOW, state): frozenset({"undo"}) for state in (AWAITING_RECALL, CALLED, IN_CALL, WRITING)},
}

OFF_DUTY = "off"
WITHDRAWN = "withdrawn"  # no state of its own: how people read a token that an undone transfer cancelled

# Why there was no consultation. In words: boards/words.py.
OTHER = "other"
REASONS = ("unreachable", "wrong_specialty", "technical", "left", "hospital", "identity", OTHER)

# Actions of staff. undoing.py decides which can be undone.
NEXT, RING, RECALL, EMERGENCY = "next", "ring", "recall", "emergency"
SKIP, END_CALL, TRANSFER, NOT_HELD, UNDO = "skip", "end_call", "transfer", "not_held", "undo"


def code_of(reason: str) -> str:
    """Return the reason if it is a code of REASONS, else ""."""
    return reason if reason in REASONS else ""


def shown_state(state: str, reason: str) -> str:
    """Return the state as people read it, from the visit's state and the reason of its last transition."""
    return WITHDRAWN if state == CANCELLED and reason.startswith(BACK_TO) else state


def is_allowed(from_state: str, to_state: str, role: str) -> bool:
    """Has this role permission for this transition?"""
    return role in MOVES.get((from_state, to_state), frozenset())


def allowed(state: str, role: str) -> frozenset[str]:
    """Return the states this role may move a visit to; templates show buttons by it."""
    return frozenset(to for (start, to), roles in MOVES.items() if start == state and role in roles)
