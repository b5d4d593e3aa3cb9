"""Papers with MG where micrograms are meant: new ones say mcg, old ones are found and reported."""

import re

from portal.core.consults.models import Consult
from portal.core.messages.listeners import send_misprint
from portal.core.messages.models import Message
from portal.core.paper import pdf
from portal.core.paper.content import Content
from portal.core.prescriptions import exchange, misprints
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.work.audit import SYSTEM
from portal.work.events import Event
from tests.consulting import make_prescription, typed
from tests.core.paper.samples import sample
from tests.factories import make_visit

MICROGRAMS = {
    "items-0-drug": "Levothyroxine 25 µg",
    "items-0-strength": "25 μg",
    "items-0-reason": "as at the hospital",
    "items-1-reason": "as at the hospital",
    "mode": "video",
    "judgement": "yes",
}


def test_a_new_prescription_says_mcg_in_every_place(sign_in, now) -> None:
    visit = make_visit("in_call")
    page = f"/visits/{visit.uid}/consult"
    answer = sign_in(visit.doctor).submit(f"/visits/{visit.uid}/prescription", typed(**MICROGRAMS), page=page)
    assert answer.status_code == 303
    item, content = Prescription.get().items[0], Content.from_json(Prescription.get().content)
    assert (item.drug, item.strength) == ("Levothyroxine 25 mcg", "25 mcg")
    printed = pdf.html_of(content)
    assert "LEVOTHYROXINE 25 mcg" in printed
    words = re.sub(r'"data:[^"]*"', "", printed)  # a picture's letters are anything
    assert "MG" not in words.replace(content.verification_code, "")
    assert Consult.get().items[0]["drug"] == "Levothyroxine 25 µg"  # the draft stays as it was typed
    assert "µ" not in str(exchange.prescription_of(visit.uid).content)
    assert misprints.misprinted() == []


def test_an_old_paper_is_found_and_reported_once_to_patient_and_author(db, now) -> None:
    issued = make_prescription(now)
    PrescribedItem.update(drug="Levothyroxine 25 µg").where(PrescribedItem.prescription == issued).execute()
    doctor = issued.doctor
    doctor.phone = "+91 98765 43210"
    doctor.save()
    assert [found.id for found in misprints.misprinted()] == [issued.id]
    assert misprints.tell(issued, by=SYSTEM, now=now)
    assert not misprints.tell(issued, by=SYSTEM, now=now)
    event = Event.get(Event.name == "PrescriptionMisprinted")
    send_misprint(event, now)
    told = {row.to for row in Message.select().where(Message.template == "misprint")}
    assert told == {issued.beneficiary.account.mobile, "+919876543210"}


def test_the_sheet_of_an_old_paper_warns_the_pharmacist(sign_in, now) -> None:
    from tests.factories import make_staff

    issued = make_prescription(now)
    PrescribedItem.update(drug="Levothyroxine 25 µg").where(PrescribedItem.prescription == issued).execute()
    client = sign_in(make_staff("pharmacist", centre=issued.beneficiary.entry.centre))
    text = client.get(f"/dispense?code={issued.code}", follow_redirects=True).text
    assert "prints MG where micrograms (mcg) are meant" in text
    assert "25 mcg" in text


def test_a_symbol_that_our_fonts_lack_is_printed_in_words() -> None:
    printed = pdf.html_of(sample(1, advice="Rest 🙂👍🏽, walk ✔ → 30 min"))
    assert "[slightly smiling face]" in printed
    assert "[thumbs up sign]" in printed
    assert "🙂" not in printed
