"""The demo's phone on the screen."""

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from portal.base.errors import NotFound
from portal.base.mobile import normalise
from portal.demo.outbox import messages
from portal.web.access import allow
from portal.web.pages import page

bp = Blueprint("demo", __name__)
SHOWN = 20


@bp.get("/demo/phone/<mobile>")
@allow("anyone")
def phone(mobile: str) -> ResponseReturnValue:
    """Show the SMS to one mobile, newest first."""
    try:
        number = normalise(mobile)
    except ValueError as error:
        raise NotFound from error
    found = messages(current_app.config["PORTAL"].data_dir, number)
    return page("demo/phone.html", "messages", mobile=number, messages=found[::-1][:SHOWN])
