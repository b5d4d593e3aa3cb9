"""A file that is handed in: ours to the byte, or exposed: 2,000 changed ones, and forgeries under a true code."""

import random
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest

from portal.core.paper import pdf
from portal.core.paper.content import Content
from portal.core.prescriptions import cancelling, reading, storage
from portal.core.prescriptions.making import make_pdf
from portal.core.prescriptions.models import Prescription
from portal.core.verification import proofs
from portal.work.audit import SYSTEM
from tests.consulting import make_prescription
from tests.core.paper.samples import render

MUTATIONS = 2000


@pytest.fixture
def issued(db, now) -> Prescription:
    """A prescription with its real file."""
    made = make_prescription(now)
    make_pdf(made.id, now)
    return Prescription.get_by_id(made.id)


def file_of(issued) -> bytes:
    content = storage.intact(issued.stored_name, issued.sha256)
    assert content is not None
    return content


def proof(issued, content) -> str:
    return proofs.proof_of(issued, proofs.checksum_of(content))


def test_the_issued_file_is_genuine(issued):
    assert proof(issued, file_of(issued)) == "genuine"
    assert proofs.issued_as(proofs.checksum_of(file_of(issued))) == issued


def mutated(content: bytes, count: int) -> Iterator[bytes]:
    """Change a bit or a byte, cut, double, insert, and append an update, at places drawn with a fixed seed."""
    draw = random.Random(2026)  # noqa: S311 no secret
    for number in range(count):
        at, copy = draw.randrange(len(content)), bytearray(content)
        match number % 6:
            case 0:
                copy[at] ^= 1 << draw.randrange(8)
            case 1:
                copy[at] = (copy[at] + draw.randrange(1, 256)) % 256
            case 2:
                del copy[at:]
            case 3:
                copy.insert(at, draw.randrange(256))
            case 4:
                copy += b"\n%d 0 obj << /Producer (x) >> endobj\ntrailer << /Prev 9 >>\n%%%%EOF" % draw.randrange(10**6)
            case 5:
                del copy[at : at + draw.randrange(1, 40)]
        yield bytes(copy)


def test_two_thousand_changed_files_are_exposed(issued):
    content = file_of(issued)
    changed = list(mutated(content, MUTATIONS))
    assert content not in changed
    assert {proof(issued, one) for one in changed} == {"altered"}
    assert not [one for one in changed if proofs.issued_as(proofs.checksum_of(one))]


def test_a_file_with_a_proper_appended_update_is_exposed(issued):
    with pikepdf.open(BytesIO(file_of(issued))) as document:
        document.docinfo["/Keywords"] = "updated"
        made = BytesIO()
        document.save(made)
    assert proof(issued, made.getvalue()) == "altered"


def forgeries(content: Content) -> Iterator[Content]:
    """Yield what a forger would print under the true code: other medicines, more of them, another person or doctor."""
    first = content.items[0]
    yield replace(content, items=(replace(first, drug="Alprazolam", quantity=300), *content.items[1:]))
    yield replace(content, items=(*content.items, replace(first, drug="Alprazolam", quantity=300)))
    yield replace(content, items=(replace(first, quantity=first.quantity + 1), *content.items[1:]))
    yield replace(content, patient=replace(content.patient, name="Somebody Else"))
    yield replace(content, doctor=replace(content.doctor, registration_number="DMC-9"))
    yield replace(content, valid_until=content.valid_until.replace(year=content.valid_until.year + 1))


def test_forgeries_printed_by_the_same_program_under_the_true_code_are_exposed(issued):
    content = Content.from_json(issued.content)
    made = [render(one) for one in forgeries(content)]
    assert {proof(issued, one) for one in made} == {"altered"}
    assert {content.verification_code in pdf.html_of(one) for one in forgeries(content)} == {True}


def test_the_file_of_another_prescription_is_exposed(issued, now):
    other = make_prescription(now)
    make_pdf(other.id, now)
    assert proof(issued, file_of(Prescription.get_by_id(other.id))) == "altered"


def test_before_the_file_is_made_no_file_is_genuine(db, now):
    unmade = make_prescription(now)
    assert proofs.proof_of(unmade, "") == "altered"
    assert proofs.issued_as("") is None


def test_of_a_cancelled_one_the_issued_and_the_stamped_file_are_cancelled(issued, now):
    plain = file_of(issued)
    cancelling.cancel(issued, issued.doctor, "wrong patient", by=SYSTEM, now=now)
    ended = Prescription.get_by_id(issued.id)
    stamped = reading.served(ended, by=SYSTEM, now=now)
    assert stamped != plain
    assert [proof(ended, one) for one in (plain, stamped, stamped + b" ")] == ["cancelled", "cancelled", "altered"]


def test_of_a_replaced_one_the_issued_and_the_stamped_file_are_replaced(issued, now):
    plain = file_of(issued)
    Prescription.update(replaced_at=now).where(Prescription.id == issued.id).execute()
    ended = Prescription.get_by_id(issued.id)
    stamped = reading.served(ended, by=SYSTEM, now=now)
    assert [proof(ended, one) for one in (plain, stamped, b"%PDF-1.7")] == ["replaced", "replaced", "altered"]


@pytest.mark.parametrize(("text", "read"), [("A" * 64, "a" * 64), ("a" * 63, ""), ("g" * 64, ""), ("", "")])
def test_a_checksum_has_sixty_four_digits(text, read):
    assert proofs.read_checksum(text) == read
