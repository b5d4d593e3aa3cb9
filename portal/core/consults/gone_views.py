"""What the doctor's page learns when the patient is no longer with this doctor."""

from flask import flash, request
from flask.typing import ResponseReturnValue

from portal.core.consults.call_log_page import lost_words
from portal.core.language import gettext as _
from portal.core.visits.models import Visit
from portal.web.pages import is_fragment_request, page, see_other

BEAT_SECONDS = 5


def rung_out(board: str) -> ResponseReturnValue:
    """The page that waited for an answer has nothing to wait for; 404 as for any visit that is not this doctor's."""
    flash(
        _("The call is over: nobody answered, or the patient gave up the place. The board shows who comes next."),
        "info",
    )
    answer = see_other(board)
    answer.status_code = 404
    return answer


def gone_back(visit: Visit, board: str) -> ResponseReturnValue:
    """The patient was taken from a page that was silent: what is typed there stays, and the call can be made again."""
    if not is_fragment_request():
        flash(lost_words(visit), "warn")
        return see_other(board)
    if request.args.get("part") != "call" or request.args.get("seen") == f"lost-{visit.state}":
        return "", 204
    return page("consults/_lost.html", visit=visit, beat=BEAT_SECONDS, lost_words=lost_words)
