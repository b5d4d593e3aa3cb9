"""The end of a certificate is told 60 days ahead, to the administrator and to `portal check`."""

from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from portal.config import Config
from portal.core.signing import certificates, places, signatures
from portal.core.signing.models import SigningCertificate
from portal.sandbox.child_process import ChildFailed
from tests.factories import make_staff
from tests.signing import switch_on


@pytest.fixture
def folder(app, config: Config) -> Path:
    return switch_on(config)


def certificate(now: datetime, days: float, owner: str = "", problem: str = "") -> dict[str, Any]:
    """A certificate that runs out in so many days, as the signing process describes it."""
    return {
        "owner": owner,
        "subject": "Clinic",
        "valid_from": (now - timedelta(days=700)).isoformat(),
        "valid_until": (now + timedelta(days=days)).isoformat(),
        "problem": problem,
    }


def seen(now: datetime, days: float, owner: str = "", problem: str = "") -> None:
    certificates.keep_seen([certificate(now, days, owner, problem)], now=now)


def told(now: datetime) -> list[tuple[str, bool]]:
    return [(notice.text, notice.is_note) for notice in certificates.notices(now)]


@pytest.mark.parametrize(
    ("days", "text", "is_note"),
    [
        (59, "The organisation's certificate for signing prescriptions runs out on 21 Jan 2027.", True),
        (6, "The organisation's certificate for signing prescriptions runs out on 29 Nov 2026.", False),
        (-1, "The organisation's certificate ran out on 22 Nov 2026: prescriptions are issued unsigned.", False),
    ],
)
def test_the_organisations_end_is_told(db, folder: Path, now: datetime, days: int, text: str, is_note: bool) -> None:
    seen(now, days)
    assert told(now) == [(text, is_note)]


def test_a_doctors_end_is_told_by_name_and_the_organisation_signs_instead(db, folder: Path, now: datetime) -> None:
    seen(now, 30, "dr.eye1")
    assert told(now) == [("The certificate of dr.eye1 for signing prescriptions runs out on 23 Dec 2026.", True)]
    seen(now, -1, "dr.eye1")
    assert told(now) == [
        ("The certificate of dr.eye1 ran out on 22 Nov 2026: the organisation's signs instead.", False)
    ]


def test_more_than_60_days_are_not_told(db, folder: Path, now: datetime) -> None:
    seen(now, 61)
    assert told(now) == []


def test_a_key_that_cannot_sign_is_told_with_its_reason(db, folder: Path, now: datetime) -> None:
    seen(now, 400, problem="cannot be opened")
    assert told(now) == [
        ("The organisation's certificate cannot sign, so prescriptions are issued unsigned: it cannot be opened", False)
    ]
    seen(now, 400, "dr.eye1", problem="cannot be opened")
    assert told(now) == [("The certificate of dr.eye1 cannot sign: it cannot be opened", False)]


def test_a_key_that_everybody_can_read_signs_and_the_administrator_is_told(db, folder: Path, now: datetime) -> None:
    seen(now, 400, problem=f"{places.EXPOSED}: /srv/signing/password")
    ((text, is_note),) = told(now)
    assert not is_note
    assert "/srv/signing/password" in text
    assert "cannot sign" not in text
    assert certificates.told_to_doctor("dr.medicine1", now) == ""


def test_the_sweep_sees_what_is_there_and_forgets_what_is_gone(db, folder: Path, now: datetime) -> None:
    seen(now, 3, "dr.gone")
    certificates.sweep_certificates(now)
    rows = {row.owner: row for row in SigningCertificate.select()}
    assert set(rows) == {"", "dr.medicine1"}
    assert (rows["dr.medicine1"].subject, rows["dr.medicine1"].seen_at) == ("Dr Asha Verma", now)
    (folder / "doctors" / "dr.medicine1.p12").unlink()
    certificates.sweep_certificates(now)
    assert [row.owner for row in SigningCertificate.select()] == [""]


def test_a_signing_process_that_fails_leaves_what_was_seen(db, folder: Path, now: datetime, monkeypatch) -> None:
    seen(now, 3)

    def fail() -> None:
        raise ChildFailed("killed by SIGKILL")

    monkeypatch.setattr(signatures, "describe", fail)
    certificates.sweep_certificates(now)
    assert SigningCertificate.select().count() == 1


def test_where_nothing_is_signed_nothing_is_told(db, now: datetime) -> None:
    seen(now, -1)
    assert told(now) == []
    certificates.sweep_certificates(now)
    assert SigningCertificate.select().count() == 0


CANNOT = "Nothing can be signed now: what you issue holds, and is signed later. Tell the administrator."
INSTEAD = "Your certificate cannot sign any more: the organisation's signs instead. Tell the administrator."


@pytest.mark.parametrize(
    ("organisation", "own", "text"),
    [
        (400, None, ""),
        (29, None, "The certificate that signs your prescriptions runs out on 22 Dec 2026. Tell the administrator."),
        (31, 1, "The certificate that signs your prescriptions runs out on 24 Nov 2026. Tell the administrator."),
        (5, 400, ""),
        (400, -1, INSTEAD),
        (-1, -1, CANNOT),
        (-1, None, CANNOT),
    ],
)
def test_a_doctor_reads_on_the_board_how_prescriptions_will_be_signed(
    db, folder: Path, now: datetime, sign_in, organisation: float, own: float | None, text: str
) -> None:
    doctor = make_staff("doctor")
    ends = {"": organisation} | ({} if own is None else {doctor.username: own})
    certificates.keep_seen([certificate(now, days, owner) for owner, days in ends.items()], now=now)
    assert certificates.told_to_doctor(doctor.username, now) == text
    page = sign_in(doctor).get("/board").text
    assert text in unescape(page)
    assert ("Tell the administrator" in page) == bool(text)
