"""Feedback is read: the administrator sees figures and words, never who said it; doctors see nothing."""

from datetime import timedelta

import pytest

from portal.core.admin import feedback as pages
from portal.core.visits import feedback
from portal.core.visits.models import Feedback
from portal.work.audit import SYSTEM
from tests.factories import make_beneficiary, make_session, make_specialty, make_staff, make_visit
from tests.noted import actor_of, noted


@pytest.fixture
def said(db, now):
    """Give feedback after a visit to a specialty."""

    def said(rating: str, text: str = "", code: str = "medicine", **fields):
        specialty = make_specialty(code)
        person = make_beneficiary(name="Ramesh Kumar", patient_id=fields.pop("patient_id", "2611230000017"))
        doctor = make_staff("doctor", name="Dr Asha Verma", specialty=specialty)
        values = {"beneficiary": person, "doctor": doctor, "session": make_session(specialty=specialty)}
        visit = make_visit("completed", **values | fields)
        feedback.give(visit, rating, text, by=SYSTEM, now=now)
        return visit

    return said


@pytest.fixture
def admin(db):
    return make_staff("admin")


def test_the_administrator_reads_the_words_with_day_and_doctor_and_not_who_said_them(said, admin, sign_in):
    visit = said("bad", "He never looked at me")
    page = sign_in(admin).get("/admin/feedback").text
    assert [
        words for words in ("He never looked at me", "Dr Asha Verma", "23 Nov 2026", "Bad") if words not in page
    ] == []
    secret = ("Ramesh", "2611230000017", visit.beneficiary.entry.ben_id, visit.token, visit.uid)
    assert [words for words in secret if words in page] == []


def test_the_figures_are_by_specialty_and_in_all(said, now):
    for number, rating in enumerate(("good", "good", "bad")):
        said(rating, patient_id=f"{number}")
    said("ok", code="eye", patient_id="9")
    whole, rows = pages.tallies(now.date())
    assert (whole.total, whole.share("good"), whole.share("bad")) == (4, 50, 25)
    assert [(row.code, dict(tally.counts)) for row, tally in rows] == [
        ("medicine", {"good": 2, "bad": 1}),
        ("eye", {"ok": 1}),
    ]


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", ["kind", "late"]), ("rating=bad", ["late"]), ("specialty=eye", ["kind"]), ("words=yes", ["kind", "late"])],
)
def test_the_list_is_filtered(said, admin, sign_in, query, shown):
    said("bad", "late", patient_id="1")
    said("good", "kind", code="eye", patient_id="2")
    said("good", patient_id="3")
    page = sign_in(admin).get(f"/admin/feedback?{query}").text
    assert [word for word in ("kind", "late") if f">{word}<" in page] == shown


def test_older_days_are_left_out_and_an_unknown_span_is_a_month(said, admin, sign_in, clock):
    said("bad", "late")
    clock.tick(40 * 86400)
    browser = sign_in(admin)
    assert ">late<" not in browser.get("/admin/feedback?days=5000").text
    assert ">late<" in browser.get("/admin/feedback?days=90").text


def test_what_is_new_is_counted_on_the_overview_until_it_is_noted(said, admin, sign_in, clock):
    visit = said("bad", "late")
    browser = sign_in(admin)
    assert "(1 new)" in browser.get("/admin/feedback").text
    assert "Feedback to read" in browser.get("/admin").text
    assert pages.unread() == 1
    notes = noted(lambda: browser.submit("/admin/feedback", {"shown": clock.now().isoformat()}))
    assert notes == [("FeedbackNoted", actor_of(admin), "")]
    assert pages.unread() == 0
    feedback.give(visit, "ok", "It was a bad line", by=SYSTEM, now=clock.tick(60))
    assert pages.unread() == 1, "what is changed is read again"


def test_what_came_after_the_page_was_shown_stays_new(said, admin, sign_in, now):
    said("bad", "late")
    shown = (now - timedelta(minutes=1)).isoformat()
    assert sign_in(admin).submit("/admin/feedback", {"shown": shown}).status_code == 303
    assert pages.unread() == 1
    for odd in ("", "yesterday", "2026-11-23T04:00:00", "9999-12-31T23:59:59+00:00"):
        Feedback.update(noted_at=None).execute()
        assert sign_in(admin).submit("/admin/feedback", {"shown": odd}).status_code == 303
        assert pages.unread() == 0
