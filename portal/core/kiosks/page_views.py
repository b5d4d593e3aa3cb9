"""What a kiosk shows while nobody is signed in."""

from collections.abc import Callable

from flask import Response

from portal.base.errors import Invalid, TooMany
from portal.base.language import LANGUAGES, speaking
from portal.base.language import gettext as _
from portal.web.pages import page

Form = Callable[[dict[str, str], int], Response]


def start_page(*, is_over: bool) -> Response:
    """Build the start page, in all languages. `is_over`: the visit for which somebody was here just ended."""
    said = {}
    for tag in LANGUAGES:
        with speaking(tag):
            said[tag] = {
                "title": _("Tele-consultation OPD"),
                "begin": _("Touch here to begin"),
                "over": _("The visit is over. Please ask at the desk for the prescription."),
            }
    return page("kiosks/start.html", said=said, is_over=is_over, languages=LANGUAGES)


def pairing_page(errors: dict[str, str], status: int = 200, *, is_revoked: bool = False) -> Response:
    """Build the page that asks for the code of a kiosk."""
    return page("kiosks/pair.html", status=status, errors=errors, is_revoked=is_revoked)


def code_page(errors: dict[str, str], status: int = 200) -> Response:
    """Build the page that asks for the desk's code of a visit."""
    return page("kiosks/code.html", status=status, errors=errors)


def again(error: Invalid | TooMany, form: Form) -> Response:
    """Show a form again with what is wrong."""
    if isinstance(error, Invalid):
        return form(error.fields, error.status)
    response = form({"": error.message}, error.status)
    response.headers["Retry-After"] = str(error.retry_after)
    return response
