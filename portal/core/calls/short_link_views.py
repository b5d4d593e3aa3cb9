"""The pages of a short link: a GET changes nothing, is no presence and names nobody."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.core.accounts.browser_views import device_of, sign_in_browser
from portal.core.accounts.here import me
from portal.core.calls import short_links
from portal.core.calls.models import ShortLink
from portal.web.access import allow
from portal.web.pages import page, see_other

bp = Blueprint("short_links", __name__)


@bp.get("/s/<key>")
@allow("anyone")
def shown(key: str) -> ResponseReturnValue:
    """Lead to the visit's page who is signed in, offer it on a known device, and anywhere else the ordinary sign-in."""
    link, person = short_links.find(key, now()), me()
    if link and person and person.account == link.visit.beneficiary.account:
        return see_other(url_for("visits.show", uid=link.visit.uid))
    if link and not person and _is_known(link):
        return page("visits/short_link.html", key=key)
    return see_other(url_for("accounts.login"))


@bp.post("/s/<key>")
@allow("anyone")
def go(key: str) -> ResponseReturnValue:
    """Open the visit's page on a known device, once."""
    link = short_links.find(key, now())
    if link is None or not _is_known(link):
        return see_other(url_for("accounts.login"))
    person = short_links.sign_in_by_link(link, now=now())
    if person is None:
        return see_other(url_for("accounts.login"))
    return sign_in_browser(person, url_for("visits.show", uid=link.visit.uid))


def _is_known(link: ShortLink) -> bool:
    return bool(device_of(link.visit.beneficiary.account.mobile))
