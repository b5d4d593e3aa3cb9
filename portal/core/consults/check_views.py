"""What a draft comes to while it is typed: the doses in words, and the concerns near *Issue*. Nothing is saved."""

from flask import request
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.core.consults import checking
from portal.core.consults.views import bp, require_treating
from portal.web.access import allow
from portal.web.pages import page


@bp.post("/visits/<uid>/checks")
@allow("doctor")
def checks(uid: str) -> ResponseReturnValue:
    """Check the form as typed; the answer replaces the list of concerns and the line below each row."""
    shown = checking.shown(require_treating(uid), request.form, now())
    return page("consults/_checks_answer.html", **shown)
