"""A copy of everything: made by the worker, JSON and files, streamed to its owner alone, deleted in time."""

import json
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest

from portal.base.errors import NotFound, OutOfService, TooMany, Unavailable
from portal.core.accounts.models import SignIn
from portal.core.beneficiaries.consents import SHARING, set_consent
from portal.core.chart.models import ChartEntry
from portal.core.privacy.models import PrivateOpening
from portal.core.records import files as record_files
from portal.core.records.models import Record
from portal.core.referrals.models import ReferralRequest
from portal.core.rights import copies
from portal.core.rights.models import DataCopy
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM, AuditRow
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_referral, make_session, make_specialty, make_staff, make_visit

NOBODY = frozenset()


@pytest.fixture
def issued(db, now, queue):
    """A finished visit with a prescription whose PDF is made, an upload, a consent and an allergy."""
    issued = make_prescription(now)
    Visit.update(state="completed", live_key=None).where(Visit.id == issued.visit_id).execute()
    person = issued.beneficiary
    stored = record_files.store(BytesIO(b"%PDF-1.4 an old report"))
    fields = {"stored_name": stored.name, "size": stored.size, "sha256": stored.sha256, "state": "ready"}
    Record.create(
        beneficiary=person, visit=issued.visit, title="../old report.pdf", kind="pdf", uploaded_at=now, **fields
    )
    set_consent(person, SHARING, True, by=SYSTEM, language="hi", now=now)
    ChartEntry.create(beneficiary=person, kind="allergy", name="Penicillin", noted_at=now, noted_by=issued.doctor)
    make_referral(person.entry, reason="Headache that stays")
    queue.drain()
    return issued


@pytest.fixture
def ask(queue, now):
    """ask(person): order a copy, have the worker make it, and return its row."""

    def asked(person, *, with_private=False, at=None) -> DataCopy:
        row = copies.ask_copy(person, with_private=with_private, language="en", by=SYSTEM, now=at or now)
        queue.drain()
        return DataCopy.get_by_id(row.id)

    return asked


def opened(row, now, open_for=NOBODY) -> zipfile.ZipFile:
    _row, file = copies.open_copy(row.account, row.uid, open_for, by=SYSTEM, now=now)
    with file:
        return zipfile.ZipFile(BytesIO(file.read()))


def told(row, now, open_for=NOBODY) -> dict:
    return json.loads(opened(row, now, open_for).read("everything.json"))


def test_it_holds_the_prescription_the_upload_and_all_that_is_stored(issued, ask, now):
    archive = opened(ask(issued.beneficiary), now)
    assert archive.testzip() is None
    names = archive.namelist()
    assert f"prescriptions/{issued.number}.pdf" in names
    (upload,) = [name for name in names if name.startswith("records/")]
    assert archive.read(upload) == b"%PDF-1.4 an old report"
    assert archive.read(f"prescriptions/{issued.number}.pdf").startswith(b"%PDF")
    everything = json.loads(archive.read("everything.json"))
    assert everything["person"]["name"] == "Ramesh Kumar"
    assert everything["person"]["address"] == "12 Lodhi Road, New Delhi"
    (visit,) = everything["visits"]
    assert visit["notes"][0]["diagnosis"] == "Tension headache"
    assert visit["prescriptions"][0]["file"] == f"prescriptions/{issued.number}.pdf"
    assert visit["records"][0]["file"] == upload
    assert [row["purpose"] for row in everything["consents"]] == ["sharing"]
    assert [row["name"] for row in everything["chart"]] == ["Penicillin"]
    assert [row["reason"] for row in everything["referrals"]] == ["Headache that stays"]


def test_no_file_name_leads_out_of_the_folder_it_is_unpacked_in(issued, ask, now):
    names = opened(ask(issued.beneficiary), now).namelist()
    assert [name for name in names if ".." in name.split("/") or name.startswith("/")] == []


def test_nothing_of_another_person_is_in_it(issued, ask, now):
    other = make_beneficiary(name="Sita Devi", account=issued.beneficiary.account)
    make_visit("completed", beneficiary=other, complaint="A secret of Sita")
    text = opened(ask(issued.beneficiary), now).read("everything.json").decode()
    assert "Sita" not in text


@pytest.fixture
def private(issued, now):
    """A finished visit to psychiatry of the same person, with a referral, notes and a chart entry of its doctor."""
    specialty = make_specialty("psychiatry", name="Psychiatry")
    doctor = make_staff(name="Dr Meera Nair", specialty=specialty)
    person = issued.beneficiary
    make_referral(person.entry, specialty=specialty, reason="Panic at night")
    session = make_session(specialty=specialty)
    visit = make_visit("in_call", beneficiary=person, session=session, doctor=doctor, complaint="Panic at night")
    made = make_prescription(now, visit, diagnosis="Panic disorder")
    Visit.update(state="completed", live_key=None).where(Visit.id == visit.id).execute()
    ChartEntry.create(beneficiary=person, kind="problem", name="Panic disorder", noted_at=now, noted_by=doctor)
    return made


def test_a_private_visit_stays_out_until_it_is_opened(private, ask, queue, now):
    queue.drain()
    archive = opened(ask(private.beneficiary), now)
    text = archive.read("everything.json").decode()
    assert [word for word in ("Panic", "Psychiatry", "Meera", "PSY", private.number) if word in text] == []
    assert f"prescriptions/{private.number}.pdf" not in archive.namelist()
    assert [visit.get("left_out", False) for visit in json.loads(text)["visits"]] == [False, True]


def test_a_request_to_a_private_specialty_stays_out_with_its_photograph(issued, ask, now):
    person, stored = issued.beneficiary, record_files.store(BytesIO(b"a photograph"))
    request = ReferralRequest.create(
        beneficiary=person, specialty=make_specialty("psychiatry"), complaint="Panic at night", asked_at=now
    )
    fields = {"stored_name": stored.name, "size": stored.size, "sha256": stored.sha256, "state": "ready"}
    Record.create(beneficiary=person, request=request, title="panic.jpg", kind="jpeg", uploaded_at=now, **fields)
    closed = opened(ask(person), now)
    assert "panic" not in (closed.read("everything.json").decode() + " ".join(closed.namelist())).lower()
    row = ask(person, with_private=True)
    whole = opened(row, now, frozenset({person.id}))
    assert [name for name in whole.namelist() if name.endswith("panic.jpg")]
    assert "Panic at night" in whole.read("everything.json").decode()


def test_a_private_visit_under_way_stays_out_too_as_the_file_outlives_it(private, ask, now):
    Visit.update(state="in_call").where(Visit.id == private.visit_id).execute()
    assert "Panic" not in json.dumps(told(ask(private.beneficiary), now))


def test_an_opened_private_visit_is_in_it_and_fetched_only_while_it_is_open(private, ask, queue, now):
    queue.drain()
    person = private.beneficiary
    row = ask(person, with_private=True)
    archive = opened(row, now, frozenset({person.id}))
    assert f"prescriptions/{private.number}.pdf" in archive.namelist()
    assert "Panic disorder" in archive.read("everything.json").decode()
    with pytest.raises(NotFound):
        copies.open_copy(row.account, row.uid, NOBODY, by=SYSTEM, now=now)


def test_only_its_account_fetches_it(issued, ask, now):
    row = ask(issued.beneficiary)
    with pytest.raises(NotFound):
        copies.open_copy(make_beneficiary().account, row.uid, NOBODY, by=SYSTEM, now=now)
    with pytest.raises(NotFound):
        copies.delete_copy(make_beneficiary().account, row.uid, by=SYSTEM, now=now)


def test_it_is_told_as_being_made_until_it_is_whole(issued, now):
    row = copies.ask_copy(issued.beneficiary, with_private=False, language="en", by=SYSTEM, now=now)
    with pytest.raises(Unavailable):
        copies.open_copy(row.account, row.uid, NOBODY, by=SYSTEM, now=now)


def test_a_second_request_while_it_is_made_gets_the_same_copy(issued, now):
    first, second = (
        copies.ask_copy(issued.beneficiary, with_private=False, language="en", by=SYSTEM, now=now) for _ in range(2)
    )
    assert first == second


def test_copies_of_a_day_have_a_limit(issued, ask, now):
    for _copy in range(copies.A_DAY):
        ask(issued.beneficiary)
    with pytest.raises(TooMany):
        ask(issued.beneficiary)
    ask(issued.beneficiary, at=now + timedelta(days=1, seconds=1))


def test_progress_counts_the_files_and_the_json(issued, ask):
    row = ask(issued.beneficiary)
    assert (row.done, row.total) == (3, 3)


def test_a_damaged_upload_is_told_as_missing_and_the_rest_is_given(issued, ask, now, config):
    record = Record.get()
    (config.data_dir / "records" / record.stored_name).write_bytes(b"something else")
    (visit,) = told(ask(issued.beneficiary), now)["visits"]
    assert (visit["records"][0]["file"], visit["records"][0]["missing"]) == ("", True)
    assert visit["prescriptions"][0]["file"]


def test_a_damaged_copy_is_never_served(issued, ask, now, config):
    row = ask(issued.beneficiary)
    (config.data_dir / "copies" / f"{row.uid}.zip").write_bytes(b"PK")
    with pytest.raises(OutOfService):
        copies.open_copy(row.account, row.uid, NOBODY, by=SYSTEM, now=now)


def test_a_failed_attempt_is_retried_and_leaves_nothing_half_made(issued, queue, now, monkeypatch):
    monkeypatch.setattr(copies.disk, "has_room", lambda: False)
    row = copies.ask_copy(issued.beneficiary, with_private=False, language="en", by=SYSTEM, now=now)
    with pytest.raises(Unavailable):
        queue.drain()
    monkeypatch.undo()
    copies.sweep_copies(now)
    assert queue.waiting == []
    later = now + timedelta(minutes=1)
    copies.make_copy(row.id, later)
    assert told(row, later)["person"]["name"] == "Ramesh Kumar"


def test_a_copy_that_a_lost_queue_left_is_made_by_the_sweep(issued, queue, now):
    copies.ask_copy(issued.beneficiary, with_private=False, language="en", by=SYSTEM, now=now)
    queue.waiting.clear()
    copies.sweep_copies(now)
    assert [name for name, _row in queue.waiting] == ["make_copy"]


def test_it_ends_after_the_days_of_the_setting_and_its_file_is_deleted(issued, ask, now, config):
    row = ask(issued.beneficiary)
    path = config.data_dir / "copies" / f"{row.uid}.zip"
    end = now + timedelta(days=3)
    copies.sweep_copies(end - timedelta(seconds=1))
    assert path.exists()
    with pytest.raises(NotFound):
        copies.open_copy(row.account, row.uid, NOBODY, by=SYSTEM, now=end)
    copies.sweep_copies(end)
    assert not path.exists()
    assert not DataCopy.select().exists()


def test_files_that_a_crash_left_are_deleted_and_no_others(issued, ask, now, config):
    row = ask(issued.beneficiary)
    folder = config.data_dir / "copies"
    (folder / "left.part").write_bytes(b"half")
    (folder / "gone.zip").write_bytes(b"whole")
    copies.sweep_copy_files(now)
    assert [path.name for path in folder.iterdir()] == [f"{row.uid}.zip"]


def test_asking_making_fetching_and_deleting_are_audited(issued, ask, now):
    row = ask(issued.beneficiary)
    opened(row, now)
    copies.delete_copy(row.account, row.uid, by=SYSTEM, now=now)
    noted = AuditRow.select().where(AuditRow.action.startswith("DataCopy")).order_by(AuditRow.id)
    assert [one.action for one in noted] == ["DataCopyAsked", "DataCopyMade", "DataCopyFetched", "DataCopyDeleted"]
    assert {one.subject for one in noted} == {issued.beneficiary.uid}


def test_the_family_asks_on_the_page_and_downloads(issued, sign_in, queue):
    browser = sign_in(issued.beneficiary)
    assert browser.submit("/my/data", {"beneficiary": issued.beneficiary.uid}).status_code == 303
    assert "<progress" in browser.get("/my/data").get_data(as_text=True)
    queue.drain()
    page = browser.get("/my/data").get_data(as_text=True)
    assert "<progress" not in page
    answer = browser.get(f"/my/data/{DataCopy.get().uid}.zip", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert zipfile.ZipFile(BytesIO(answer.data)).testzip() is None
    assert sign_in(make_beneficiary()).get(f"/my/data/{DataCopy.get().uid}.zip").status_code == 404


def test_nobody_is_chosen_and_the_form_says_so(issued, sign_in):
    make_beneficiary(account=issued.beneficiary.account)
    browser = sign_in(issued.beneficiary)
    for wanted in ({}, {"beneficiary": make_beneficiary().uid}):
        assert browser.submit("/my/data", wanted).status_code == 422
    assert not DataCopy.select().exists()


def test_the_page_puts_private_visits_in_only_for_the_sign_in_that_has_opened_them(private, sign_in, queue, now):
    person = private.beneficiary
    browser = sign_in(person)
    PrivateOpening.create(beneficiary=person, sign_in=SignIn.get(SignIn.account == person.account), opened_at=now)
    browser.submit("/my/data", {"beneficiary": person.uid})
    queue.drain()
    row = DataCopy.get()
    assert row.with_private
    assert browser.get(f"/my/data/{row.uid}.zip", buffered=True).status_code == 200
    stranger = sign_in(person)
    assert stranger.get(f"/my/data/{row.uid}.zip").status_code == 404
    assert f"/my/data/{row.uid}.zip" not in stranger.get("/my/data").get_data(as_text=True)


def test_a_copy_is_deleted_on_the_page(issued, ask, sign_in):
    row, browser = ask(issued.beneficiary), sign_in(issued.beneficiary)
    assert browser.submit(f"/my/data/{row.uid}/delete", page="/my/data").status_code == 303
    assert not DataCopy.select().exists()
