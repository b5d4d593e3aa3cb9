"""The timeline of the outbox: states by hour or day, and the median of the delivery."""

from portal.contracts import Report
from portal.core.messages.models import Message
from portal.core.outbox import receipts
from tests.core.outbox.test_outbox_views import admin as admin
from tests.core.outbox.test_outbox_views import failed as failed


def test_the_timeline_counts_states_by_hour_or_day_and_shows_the_median(admin, text, clock):
    first, second = text("one"), text("two")
    receipts.report(first.uid, 0, "operator", Report("delivered"), now=clock.tick(7))
    Message.update(state="failed").where(Message.id == second.id).execute()
    for query in ("", "?first=2026-11-23&last=2026-11-23", "?state=failed"):
        page = admin.get(f"/admin/messages{query}").text
        assert page.count('<rect class="delivered"') == page.count('<rect class="failed"') == 1
        assert "7 seconds" in page
    assert "9:00" in admin.get("/admin/messages?first=2026-11-23&last=2026-11-23").text
