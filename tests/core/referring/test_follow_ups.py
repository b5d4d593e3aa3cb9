"""Coming back: the reminder on the day before, and what permits the token of a follow-up (domain.md 2.3)."""

from datetime import date, datetime, timedelta

import pytest

from portal.base.clock import at_ist
from portal.base.errors import Invalid
from portal.core.clinic.models import ClinicSession, Holiday
from portal.core.consults.models import Consult
from portal.core.referrals.checks import EXEMPT_FOLLOWUP, gate, uses
from portal.core.referrals.models import Referral
from portal.core.referring.follow_ups import coming, remind
from portal.core.visits.models import Visit
from portal.settings.clinic import put
from portal.work.audit import AuditRow
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_referral, make_session, make_specialty, make_staff, make_visit

ON = date(2026, 12, 8)  # Tuesday


@pytest.fixture
def person(db):
    return make_beneficiary(name="Ramesh Kumar")


@pytest.fixture
def referral(person, now) -> Referral:
    return make_referral(person.entry)


@pytest.fixture
def visit(person, referral, now) -> Visit:
    """A completed visit on the referral, with a follow-up on a Tuesday two weeks later."""
    return seen(person, referral, now)


def seen(person, referral, now, on: date = ON, specialty=None) -> Visit:
    specialty = specialty or make_specialty()
    doctor = make_staff("doctor", specialty=specialty)
    session = make_session(specialty=specialty)
    made = make_visit("in_call", beneficiary=person, referral=referral, doctor=doctor, session=session)
    make_prescription(now, made, follow_up_on=on.isoformat())
    Visit.update(state="completed", live_key=None).where(Visit.id == made.id).execute()
    Visit.update(live_key=None).where(Visit.id == made.id).execute()
    return Visit.get_by_id(made.id)


def at(day: date, hour: int = 9) -> datetime:
    return at_ist(day, datetime.min.time()) + timedelta(hours=hour)


def due() -> list[dict]:
    rows = AuditRow.select().where(AuditRow.action == "FollowUpDue").order_by(AuditRow.id)
    return [(row.subject, row.details) for row in rows]


def test_the_reminder_goes_on_the_day_before_and_once(visit):
    remind(at(ON - timedelta(days=2), 23))
    assert due() == []
    for hour in (0, 9, 23):
        remind(at(ON - timedelta(days=1), hour))
    remind(at(ON))
    assert [subject for subject, _details in due()] == [visit.uid]


def test_after_an_outage_it_still_goes_on_the_day_itself_and_no_later(visit):
    remind(at(ON + timedelta(days=1)))
    assert due() == []
    remind(at(ON))
    assert len(due()) == 1


def test_a_follow_up_on_a_sunday_is_reminded_of_before_the_next_clinic_day(person, referral, now):
    sunday = date(2026, 12, 6)
    Holiday.create(day=sunday + timedelta(days=1), name="Holiday")
    visit = seen(person, referral, now, on=sunday)
    remind(at(sunday - timedelta(days=1)))
    remind(at(sunday))
    assert due() == []
    remind(at(sunday + timedelta(days=1)))
    assert [(visit.uid, "2026-12-08" in details) for _uid, details in due()] == [(visit.uid, True)]


@pytest.mark.parametrize("what", ["came back", "waits again", "cancelled prescription", "switched off", "no date"])
def test_who_needs_no_reminder_gets_none(visit, person, now, what):
    if what in ("came back", "waits again"):
        make_visit("completed" if what == "came back" else "waiting", beneficiary=person, session=visit.session)
    if what == "cancelled prescription":
        Consult.update(withdrawn_at=now).execute()
    if what == "switched off":
        put("followup_reminder", "no")
    if what == "no date":
        Consult.update(follow_up_on=None).execute()
    remind(at(ON - timedelta(days=1)))
    assert due() == []


def test_a_visit_to_another_specialist_is_no_coming_back(visit, person):
    make_visit("completed", beneficiary=person, session=make_session(specialty=make_specialty("eye")))
    remind(at(ON - timedelta(days=1)))
    assert len(due()) == 1


def test_within_the_referral_no_new_one_is_needed(visit, person, referral):
    way_in = gate(person.entry, make_specialty(), at(ON))
    assert (way_in.referral, way_in.exemption) == (referral, "")


@pytest.mark.parametrize("days", [-7, 0, 7])
def test_around_the_date_the_follow_up_counts_on_the_old_referral_though_it_has_ended(visit, person, referral, days):
    Referral.update(valid_until=ON - timedelta(days=10)).execute()
    way_in = gate(person.entry, make_specialty(), at(ON + timedelta(days=days)))
    assert (way_in.referral, way_in.exemption, way_in.urgent) == (referral, EXEMPT_FOLLOWUP, False)


@pytest.mark.parametrize("what", ["too early", "too late", "withdrawn", "used up", "came back", "other", "setting"])
def test_outside_the_rule_a_new_referral_is_needed(visit, person, referral, now, what):
    Referral.update(valid_until=ON - timedelta(days=10)).execute()
    day = ON + timedelta(days={"too early": -8, "too late": 8}.get(what, 0))
    if what == "withdrawn":
        Referral.update(cancelled_at=now).execute()
    if what == "used up":
        Referral.update(max_consults=1).execute()
    if what == "came back":
        make_visit("completed", beneficiary=person, session=visit.session)
    if what == "setting":
        put("followup_days", "0")
    with pytest.raises(Invalid):
        gate(person.entry, make_specialty("eye" if what == "other" else "medicine"), at(day))


def test_the_token_of_a_follow_up_is_given_and_uses_the_old_referral(visit, person, referral, sign_in, clock):
    Referral.update(valid_until=ON - timedelta(days=10)).execute()
    clock.set(at(ON))
    ClinicSession.update(closed_at=clock.now()).execute()
    make_staff("doctor")
    browser = sign_in(person)
    assert "no new referral needed for the follow-up" in browser.get("/tokens/new").text
    wish = {"beneficiary": person.uid, "specialty": "medicine", "complaint": "As agreed", "consent": "yes"}
    assert browser.submit("/tokens/new", wish).status_code == 303
    doctor = make_staff("doctor")
    token = Visit.select().order_by(Visit.id.desc()).get()
    assert (token.referral, token.exemption, uses(referral)) == (referral, EXEMPT_FOLLOWUP, 2)
    Visit.update(state="in_call", doctor=doctor, lease_until=clock.now()).where(Visit.id == token.id).execute()
    assert "a follow-up that the specialist set" in sign_in(doctor).get(f"/visits/{token.uid}/consult").text
    assert "Come back" not in browser.get("/home").text, "it is on its way"


def test_home_says_when_to_come_back_and_whether_a_referral_is_needed(visit, person, sign_in):
    page = sign_in(person).get("/home").text
    assert ("Come back on 8 Dec 2026" in page, "No new referral is needed." in page) == (True, True)
    Referral.update(max_consults=1).execute()
    page = sign_in(person).get("/home").text
    assert "A new referral is needed first." in page
    assert f"/referrals/requests?beneficiary={person.uid}&amp;specialty=medicine" in page


def test_a_follow_up_of_a_private_specialty_names_none_on_the_familys_page(person, now):
    psychiatry = make_specialty("psychiatry")
    seen(person, make_referral(person.entry, specialty=psychiatry), now, specialty=psychiatry)
    (line,) = coming(person.account, now.date())
    assert (line.specialty, line.on) == (None, ON)
    (opened,) = coming(person.account, now.date(), {person.id})
    assert opened.specialty == psychiatry
