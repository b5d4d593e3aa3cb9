"""The audit page says each action in words, in both languages."""

from portal.core.auditing import deeds
from portal.work.audit import SYSTEM, AuditRow, note
from portal.work.audit_chain import CHECKPOINT
from tests.factories import make_staff
from tests.work.test_named import every_action


def test_every_audit_action_has_words_and_none_has_them_twice(app):
    with app.test_request_context():
        words = deeds.words()
    assert sorted(every_action() ^ words.keys()) == [CHECKPOINT]
    assert len(set(words.values())) == len(words)


def test_an_action_of_another_plugin_is_taken_apart(app):
    with app.test_request_context():
        assert deeds.in_words("ParcelWasSent") == "Parcel was sent"


def test_the_audit_page_shows_words_and_keeps_the_name_to_search_by(sign_in, now):
    note("PinSet", "somebody", by=SYSTEM, now=now)
    auditor = sign_in(make_staff("auditor"))
    page = auditor.get("/admin/audit?q=PinSet").text
    assert "<b>PIN for private visits set</b><br><small>PinSet</small>" in page
    assert "The portal or its command line" in page
    auditor.get("/lang/hi")
    assert "<b>निजी परामर्श का पिन तय हुआ</b>" in auditor.get("/admin/audit?q=PinSet").text


def test_a_time_in_the_details_is_shown_as_people_read_it(app, now):
    note("VisitCalled", "somebody", by=SYSTEM, now=now, deadline=now.isoformat(), attempt=1, token="ENT-001")
    with app.test_request_context():
        told = dict(deeds.details_of(AuditRow.get(AuditRow.subject == "somebody")))
    assert told == {"deadline": "23 Nov 2026, 9:30 am", "attempt": "1", "token": "ENT-001"}
