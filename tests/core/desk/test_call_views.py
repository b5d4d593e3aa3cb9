"""The desk sits with a patient in the doctor's call, on the centre's device."""

import pytest

from portal.core.accounts import sign_ins
from portal.core.accounts.models import SignIn
from portal.core.calls.models import CallEvent
from portal.core.visits.models import DeskHelp, Visit
from portal.work.audit import AuditRow
from tests.core.calls.test_rooms import FakeVideo
from tests.core.calls.test_rooms import video as video
from tests.factories import make_beneficiary, make_centre, make_entry, make_session, make_staff, make_visit


@pytest.fixture
def clerk(db):
    return make_staff("desk", name="Meena Joshi", phone="011-23456789")


@pytest.fixture
def desk(sign_in, clerk):
    return sign_in(clerk)


def helped(state, clerk, way="present", **fields):
    visit = make_visit(state, **fields)
    DeskHelp.create(visit=visit, staff=clerk, way=way)
    return visit


def room_of(visit):
    return f"/desk/tokens/{visit.uid}/room"


def audited(action, visit):
    return AuditRow.select().where((AuditRow.action == action) & (AuditRow.subject == visit.uid)).count()


def test_the_desk_answers_by_video_and_sits_in_the_patients_place(desk, clerk, video: FakeVideo):
    visit = helped("called", clerk)
    assert "Sit together in the video call" in desk.get("/desk/tokens").text
    answer = desk.submit(f"/desk/tokens/{visit.uid}/call", {"by": "video"}, page="/desk/tokens")
    assert answer.location.endswith(room_of(visit))
    assert Visit.get().state == "in_call"
    room = desk.get(room_of(visit)).text
    assert f'hx-get="/x/fake_video/{video.opened[0].name}?as=patient"' in room
    assert 'data-left="/desk/tokens"' in room


def test_the_helpers_name_is_in_the_log_once_for_the_doctor_and_the_family(desk, sign_in, clerk, video: FakeVideo):
    visit = helped("in_call", clerk)
    doctor = sign_in(visit.doctor)
    before = doctor.get(f"/visits/{visit.uid}/consult").text
    assert "The desk joins the video call with the patient, or you phone there." in before
    desk.get(room_of(visit)), desk.get(room_of(visit))
    assert CallEvent.select().where(CallEvent.kind == "helped").count() == audited("CallHelped", visit) == 1
    consult = doctor.get(f"/visits/{visit.uid}/consult").text
    assert "Meena Joshi of the desk of Centre 01 sits with the patient in this call." in consult
    assert "Meena Joshi of the desk of Centre 01 sits with the patient</li>" in consult
    Visit.update(state="completed", live_key=None).execute()
    family = sign_in(visit.beneficiary)
    said = "With you in the call: Meena Joshi of the desk of Centre 01"
    assert said in family.get(f"/visits/{visit.uid}").text
    assert said in family.get(f"/my/visits?person={visit.beneficiary.uid}").text
    assert "the call with the doctor, sitting with the patient" in family.get("/my/readers").text


def test_the_doctors_open_page_learns_of_the_helper_without_the_call_being_loaded_again(
    desk, sign_in, clerk, video: FakeVideo
):
    visit = helped("in_call", clerk)
    doctor = sign_in(visit.doctor)
    page = doctor.get(f"/visits/{visit.uid}/consult").text
    seen = page.split("part=log&amp;seen=")[1].split('"')[0]
    desk.get(room_of(visit))
    log = doctor.get(f"/visits/{visit.uid}/consult?part=log&seen={seen}", headers={"HX-Request": "true"})
    assert log.status_code == 200
    assert 'id="helped" hx-swap-oob="true"' in log.text
    assert "sits with the patient in this call" in log.text
    assert "data-call" not in log.text


def test_the_room_shows_the_desk_no_record_and_no_form_for_one(desk, clerk, video: FakeVideo):
    visit = helped("in_call", clerk)
    room = desk.get(room_of(visit)).text
    assert f"/visits/{visit.uid}" not in room
    assert visit.complaint not in room
    assert 'type="file"' not in room


def test_who_waits_at_home_is_phoned_and_nobody_sits_in_for_them(desk, clerk, video: FakeVideo):
    visit = helped("in_call", clerk, way="telephone")
    answer = desk.get(room_of(visit), follow_redirects=True)
    assert "waits at home, by the telephone" in answer.text
    assert CallEvent.select().count() == 0


def test_another_centres_desk_cannot_sit_in(sign_in, clerk, video: FakeVideo):
    visit = helped("in_call", clerk)
    other = sign_in(make_staff("desk", centre=make_centre("02")))
    assert other.get(room_of(visit)).status_code == 404
    assert CallEvent.select().count() == 0


def test_a_colleague_of_the_same_centre_sits_in_and_is_named(sign_in, clerk, video: FakeVideo):
    visit = helped("in_call", clerk)
    colleague = make_staff("desk", name="Ravi Das")
    sign_in(colleague).get(room_of(visit))
    assert CallEvent.get(CallEvent.kind == "helped").participant == colleague.uid


def test_after_the_call_the_page_leads_back_to_the_tokens(desk, clerk, video: FakeVideo):
    visit = helped("in_call", clerk)
    beat = f"{room_of(visit)}?part=beat&mode=video"
    assert desk.get(beat).status_code == 204
    Visit.update(state="completed").execute()
    assert desk.get(beat).location.endswith("/desk/tokens")


def test_answered_by_telephone_the_doctor_is_asked_to_phone(desk, sign_in, clerk, video: FakeVideo):
    visit = helped("called", clerk)
    desk.submit(f"/desk/tokens/{visit.uid}/call", {"by": "phone"}, page="/desk/tokens")
    consult = sign_in(visit.doctor).get(f"/visits/{visit.uid}/consult").text
    assert "Please phone there." in consult
    assert "From here on by telephone" in consult
    assert "data-call" not in consult


def test_in_telephone_mode_the_desk_reads_its_own_number(desk, sign_in, clerk, video: FakeVideo):
    visit = helped("in_call", clerk)
    sign_in(visit.doctor).submit(f"/visits/{visit.uid}/mode", {"mode": "phone"}, page=f"/visits/{visit.uid}/consult")
    room = desk.get(room_of(visit)).text
    assert "The doctor will phone" in room
    assert visit.beneficiary.account.mobile[-4:] not in room


def test_a_bar_on_every_page_of_the_desk_leads_back_to_the_call(desk, clerk, video: FakeVideo):
    visit = helped("in_call", clerk)
    assert room_of(visit) not in desk.get("/desk/people").text
    desk.get(room_of(visit))
    assert f'href="{room_of(visit)}"' in desk.get("/desk/people").text
    assert 'id="call-bar"' not in desk.get(room_of(visit)).text


def test_a_desk_that_sits_in_a_call_stays_signed_in_until_it_ends(desk, clerk, video: FakeVideo, clock):
    visit = helped("in_call", clerk)
    desk.get(room_of(visit))
    row = SignIn.get(SignIn.staff == clerk)
    clock.tick(16 * 60)
    assert sign_ins.lasts(row, clock.now()) > 0
    Visit.update(state="writing").execute()
    assert sign_ins.lasts(row, clock.now()) == 0


def test_the_desk_takes_over_the_help_with_a_token_of_somebody_who_is_here_with_the_card(desk, db):
    make_session()
    visit = make_visit("waiting", here_until=None)
    page = f"/desk/tokens/new?person={visit.beneficiary.uid}"
    assert "This token was taken already." in desk.get(page).text
    fields = {"person": visit.beneficiary.uid}
    refused = desk.submit("/desk/tokens/help", fields, page=page)
    assert (refused.status_code, DeskHelp.select().count()) == (422, 0)
    assert 'id="card_seen-error"' in refused.text
    assert desk.submit("/desk/tokens/help", fields | {"card_seen": "yes"}, page=page).status_code == 303
    assert (DeskHelp.get().visit, DeskHelp.get().way) == (visit, "present")
    assert Visit.get().here_until is not None
    assert visit.token in desk.get("/desk/tokens").text
    assert audited("TokenHelped", visit) == 1


def test_who_waited_at_the_telephone_and_has_come_is_present_from_then_on(desk, clerk):
    visit = helped("waiting", clerk, way="telephone")
    page = f"/desk/tokens/new?person={visit.beneficiary.uid}"
    desk.submit("/desk/tokens/help", {"person": visit.beneficiary.uid, "card_seen": "yes"}, page=page)
    assert DeskHelp.get().way == "present"
    assert "This desk helps with this token already." in desk.get(page).text


def test_nobody_of_another_centre_is_helped_and_nobody_without_a_token(desk, db):
    make_session()
    other = make_visit("waiting", beneficiary=make_beneficiary(entry=make_entry(centre=make_centre("02"))))
    without = make_beneficiary()
    for person, status in ((other.beneficiary, 404), (without, 409)):
        fields = {"person": person.uid, "card_seen": "yes"}
        assert desk.submit("/desk/tokens/help", fields, page="/desk/people").status_code == status
    assert DeskHelp.select().count() == 0
