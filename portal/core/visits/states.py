"""The state machine of a visit, as data."""

# Reasons the clinic itself writes down; who writes them takes them from here, boards/words.py has them in words.
AWAY, CLOSED, BACK_TO = "the doctor is away", "the clinic has closed", "back to "
SILENT, UNANSWERED = "doctor's page is silent", "not answered"
MISSED, NEVER_COMPLETED = "missed call ", "never completed"
CUT = "cut"  # they had talked already
WAITING, CALLED, IN_CALL, WRITING = "waiting", "called", "in_call", "writing"
AWAITING_RECALL = "awaiting_recall"
COMPLETED, NO_SHOW, CANCELLED, EXPIRED = "completed", "no_show", "cancelled", "expired"
TRANSFERRED, CARRIED = "transferred", "carried"

ACTIVE = (CALLED, IN_CALL, WRITING)
READY = (WAITING, AWAITING_RECALL)
OPEN = (*READY, *ACTIVE)
FINAL = (COMPLETED, NO_SHOW, CANCELLED, EXPIRED, TRANSFERRED, CARRIED)

# (from, to) -> who may do it. `system` is a sweep; `undo` takes one's own last step back (undoing.py).
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
    # Final is final, but for one's own step of a moment ago.
    **{(TRANSFERRED, state): frozenset({"undo"}) for state in OPEN},
    **{(NO_SHOW, state): frozenset({"undo"}) for state in (AWAITING_RECALL, CALLED, IN_CALL, WRITING)},
}

OFF_DUTY = "off"

# Why a consultation did not happen. In words: outcomes.py.
OTHER = "other"
REASONS = ("unreachable", "wrong_specialty", "technical", "left", "hospital", "identity", OTHER)

# The steps of staff by name. Which of them can be taken back: undoing.py.
NEXT, RING, RECALL, EMERGENCY = "next", "ring", "recall", "emergency"
SKIP, END_CALL, TRANSFER, NOT_HELD, UNDO = "skip", "end_call", "transfer", "not_held", "undo"


def code_of(reason: str) -> str:
    """The code when the reason is one of the list, else the empty word."""
    return reason if reason in REASONS else ""


def is_allowed(from_state: str, to_state: str, role: str) -> bool:
    """May this role take a visit from one state to the other?"""
    return role in MOVES.get((from_state, to_state), frozenset())


def allowed(state: str, role: str) -> frozenset[str]:
    """The states this role may lead to from here: templates draw buttons from it."""
    return frozenset(to for (start, to), roles in MOVES.items() if start == state and role in roles)
