"""What a restore finds to have been told after the backup, and how it skips numbers where no mark is left."""

from datetime import UTC, datetime, timedelta

from portal.keeping import generation
from portal.keeping.generation import Lost
from portal.keeping.manifest import FORMAT, Manifest

TAKEN = datetime(2026, 11, 29, 4, 0, tzinfo=UTC)


def manifest(**numbers: int) -> Manifest:
    return Manifest(
        format=FORMAT,
        portal="0.1.0",
        engine="sqlite",
        taken_at=TAKEN,
        generation=0,
        migrations={},
        rows={},
        files=0,
        numbers={name.replace("_", "-"): last for name, last in numbers.items()},
        audit_head="0:" + 64 * "0",
        has_key=False,
    )


def test_what_the_marks_know_and_the_backup_does_not_is_lost() -> None:
    told = {"referral": 7, "patient": 3, "rx-202611": 2}
    assert generation.lost_since(manifest(referral=5, patient=3), told) == [
        Lost("referral", 6, 7),
        Lost("rx-202611", 1, 2),
    ]


def test_skipping_raises_every_series_and_goes_on_to_the_present_month_and_day() -> None:
    told = generation.skipped(manifest(referral=5, rx_202611=9, case_2026=1, token_eye_20261129=3), 100, TAKEN)
    assert told["referral"] == 105
    assert told["rx-202611"] == 109
    later = manifest(rx_202611=9, case_2026=1)
    told = generation.skipped(later, 100, TAKEN + timedelta(days=40))
    assert told["rx-202612"] == 100
    assert told["rx-202701"] == 100
    assert told["case-2027"] == 100
    assert told["case-2026"] == 101


def test_skipping_covers_each_day_of_a_session_since_the_backup() -> None:
    found = manifest().model_copy(update={"numbers": {"token-eye-2026-11-29": 3}})
    told = generation.skipped(found, 100, TAKEN + timedelta(days=2))
    assert told["token-eye-2026-11-29"] == 103
    assert told["token-eye-2026-11-30"] == told["token-eye-2026-12-01"] == 100
