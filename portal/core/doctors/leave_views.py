"""The page of doctors' leave: for a doctor the own, with the own roster, for the administrator everybody's."""

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.here import staff
from portal.core.accounts.models import Staff
from portal.core.doctors import leave
from portal.core.doctors.planning import changing, shown, words
from portal.core.doctors.planning import question_views as asking
from portal.core.doctors.planning.deeds import Deed
from portal.core.doctors.planning.forms import Place, place_of, read_end, read_leave
from portal.core.doctors.wishes import services as wishes
from portal.core.doctors.wishes.models import COLLEAGUE
from portal.core.doctors.wishes.reading import concerning
from portal.store.listing import page_of_list
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.pages import is_fragment_request, page, page_number, see_other, wants_json

bp = Blueprint("leave", __name__)
PAGE = 20


@bp.get("/leave")
@allow("doctor", "admin")
def leave_page() -> ResponseReturnValue:
    """List leaves, with a form for one more; for a doctor also the own roster."""
    return _page(200)


@bp.post("/leave")
@allow("doctor", "admin")
@once
def take_leave() -> ResponseReturnValue:
    """Mark a doctor away for days, for halves of them, or the rest of today; asks first where somebody waits.

    What a doctor says of today holds at once, as an illness cannot wait; of later days it is a wish.
    """
    if request.form.get("again"):
        return _page(200)
    doctor, place = _whose()
    today, form = clinic_day(now()), request.form.to_dict() | {"doctor": doctor.username}
    try:
        facts = read_leave(form, place, today)
        later = {slot for slot in facts if slot[2] > today.isoformat()} if doctor == staff() else set()
        at_once = {slot: values for slot, values in facts.items() if slot not in later}
        asked = _question(Deed("leave", place.specialty, at_once), form) if at_once else None
        if asked is None and later:
            first = min(key for _kind, _owner, key in later)
            wishes.ask("leave", form | {"day": first}, doctor, by=actor(), now=now())
            flash(_("Your request is with the administrator. The answer comes here."), "success")
    except (Conflict, Invalid) as error:
        return _refused(error)
    return asked or see_other("/leave")


@bp.route("/leave/swap", methods=["GET", "POST"])
@allow("doctor")
@once
def swap() -> ResponseReturnValue:
    """Ask a colleague of the same specialty for a swap."""
    if request.method == "GET":
        return _swap_page({}, 200)
    try:
        wishes.ask("swap", request.form, _whose()[0], by=actor(), now=now())
    except Invalid as error:
        return _swap_page(error.fields, error.status)
    except Conflict as error:
        return _swap_page({"": str(error)}, error.status)
    flash(_("The colleague is asked, and the administrator then."), "success")
    return see_other("/leave")


@bp.post("/leave/wishes/<uid>/<answer>")
@allow("doctor")
@once
def answer_wish(uid: str, answer: str) -> ResponseReturnValue:
    """Agree to a colleague's swap, decline it, withdraw the own wish, or put an answer away."""
    answers = {
        "agree": wishes.agree,
        "decline": wishes.decline,
        "withdraw": wishes.withdraw,
        "seen": wishes.put_away,
    }
    if answer not in answers:
        raise NotFound
    try:
        answers[answer](uid, staff(), by=actor(), now=now())
    except Conflict as error:
        return _refused(error)
    return see_other("/board" if answer == "seen" else "/leave")


@bp.post("/leave/end")
@allow("doctor", "admin")
def end_leave() -> ResponseReturnValue:
    """End a doctor's leave, or half day, of a day."""
    doctor, place = _whose()
    try:
        deed = Deed("leave", place.specialty, read_end(request.form, place, doctor.id))
        return _question(deed, request.form.to_dict()) or see_other("/leave")
    except Conflict as error:
        return _refused(error)


def _question(deed: Deed, form: dict[str, str]) -> ResponseReturnValue | None:
    """Do it where nobody waits and no day loses its clinic, else return the page that asks first. Raises Conflict."""
    asked = changing.do_or_ask(deed, asking.seen_in(form), asks=False, by=actor(), now=now())
    if asked is None:
        return None
    warning = asking.stale() if asked.is_stale else ""
    names = shown.names(deed.specialty)
    return asking.question(deed, asked.effect, form, names, status=Conflict.status, warning=warning)


def _refused(error: Conflict | Invalid) -> ResponseReturnValue:
    if wants_json() or is_fragment_request():
        raise error
    return _page(error.status, error.fields if isinstance(error, Invalid) else {"": str(error)})


def _page(status: int, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    own, moment = staff() if staff().role == "doctor" else None, now()
    today = clinic_day(moment)
    asked = concerning(own, moment) if own else []
    to_answer = [each for each in asked if each.other == own and each.state_at(moment) == COLLEAGUE]
    return page(
        "visits/leave.html",
        status=status,
        errors=errors or {},
        form=request.form,
        own=own,
        today=today,
        doctors=[] if own else shown.all_doctors(),
        listed=page_of_list(leave.away_ahead(moment, own), page_number(), PAGE),
        roster=shown.days_ahead(own, place_of(own.specialty, today), today) if own and own.specialty else [],
        parts=words.parts(),
        asked=to_answer,
        wishes=[each for each in asked if each not in to_answer],
        moment=moment,
    )


def _swap_page(errors: dict[str, str], status: int) -> ResponseReturnValue:
    doctor, place = _whose()
    called, today = shown.names(place.specialty), clinic_day(now())
    return page(
        "visits/swap.html",
        status=status,
        errors=errors,
        form=request.form,
        today=today,
        colleagues=[(name, called[each]) for name, each in place.doctors.items() if each != doctor.id],
        days=shown.who_is_there(place, called, today),
        parts=words.parts(),
    )


def _whose() -> tuple[Staff, Place]:
    """Return whose leave it is: a doctor's own, or any chosen by an administrator. Raises NotFound."""
    chosen = (Staff.username == request.form.get("doctor", "")) & (Staff.role == "doctor")
    found = staff() if staff().role == "doctor" else Staff.get_or_none(chosen)
    if found is None or found.specialty is None:
        raise NotFound
    return found, place_of(found.specialty, clinic_day(now()))
