"""The administrator's page of the bridge."""

from portal_plugins.esanjeevani_bridge.models import Outgoing
from portal_plugins.esanjeevani_bridge.sandbox import Fault

from tests.factories import make_staff
from tests.plugins.esanjeevani_bridge.test_pages import HOME


def test_the_page_shows_backlog_and_errors_and_can_resend(bridge, documented, other_side, sign_in, queue):
    other_side.faults.append(Fault("/fhir/Bundle", 422, 1))
    bridge()
    documented()
    queue.drain()
    admin = sign_in(make_staff("admin"))
    assert "refused with 422" in admin.get(f"{HOME}/").text
    dead = Outgoing.get(Outgoing.state == "dead")
    admin.submit(f"{HOME}/outgoing/{dead.uid}/again", page=f"{HOME}/")
    assert (Outgoing.get_by_id(dead.id).state, Outgoing.get_by_id(dead.id).error) == ("waiting", "")
    assert "refused with 422" not in admin.get(f"{HOME}/").text
