"""Visits (a token each), their transitions and feedback, duty, announcements, displays."""

import peewee

from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clinic.models import Centre, ClinicSession, Specialty
from portal.core.referrals.models import Referral
from portal.core.visits.states import BACK_TO, CANCELLED, WITHDRAWN
from portal.store.db import BaseModel, UidModel, UTCDateTimeField

AT_DESK, BY_TELEPHONE = "present", "telephone"


class Visit(UidModel):
    """A token and its state. The row is the source of truth; `Transition` is its history.

    The queue is sorted by `order`: priority, then request. A successor (transferred, carried) keeps the `place` of the
    visit it continues; `moved_to` points to the successor. While on duty, only `wanted_doctor` calls it.
    `here_until` is presence, `lease_until` the doctor's lease, `live_key` unique among open visits of a person.
    `out_of_turn`: the last call was an emergency; `issued_at`: when the prescription was issued.
    """

    session = peewee.ForeignKeyField(ClinicSession, backref="visits")
    number = peewee.IntegerField()
    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="visits")
    referral = peewee.ForeignKeyField(Referral, null=True, backref="visits")
    exemption = peewee.CharField(max_length=20, default="")
    priority = peewee.IntegerField(default=0)
    priority_reason = peewee.CharField(max_length=20, default="")
    complaint = peewee.CharField(max_length=500)
    state = peewee.CharField(max_length=16, default="waiting", index=True)
    state_since = UTCDateTimeField()
    requested_at = UTCDateTimeField()
    here_until = UTCDateTimeField(null=True)
    doctor = peewee.ForeignKeyField(Staff, null=True, backref="visits")
    attempt = peewee.IntegerField(default=0)
    lapses = peewee.IntegerField(default=0)
    call_deadline = UTCDateTimeField(null=True)
    lease_until = UTCDateTimeField(null=True)
    near_turn_told = peewee.BooleanField(default=False)
    live_key = peewee.CharField(max_length=20, null=True, unique=True)
    place = peewee.IntegerField(null=True)
    moved_to = peewee.ForeignKeyField("self", null=True, unique=True, backref="origins")
    wanted_doctor = peewee.ForeignKeyField(Staff, null=True, backref="wanted_by")
    carries = peewee.IntegerField(default=0)
    out_of_turn = peewee.BooleanField(default=False)
    issued_at = UTCDateTimeField(null=True)

    class Meta:
        indexes = ((("session", "number"), True),)

    @property
    def token(self) -> str:
        """The token as people read it, such as MED-012."""
        return f"{self.session.token_prefix}-{self.number:03d}"

    @property
    def past_token(self) -> str:
        """The token once the visit is over: of a private specialty its number alone, as old prefixes name it."""
        return f"{self.number:03d}" if self.session.specialty.is_private else self.token

    @property
    def order(self) -> tuple[int, int, int]:
        """The sort key of the queue, smallest first (queue_order.LINE is the same in SQL)."""
        return -self.priority, self.place or self.id, self.number


class Transition(BaseModel):
    """A transition of a visit: who, when, from which state to which, why. Append-only.

    `action` names a step of staff, `outcome` is a code of states.REASONS, `before` is what an undo restores, and
    `undoes` is the undone step.
    """

    visit = peewee.ForeignKeyField(Visit, backref="transitions")
    at = UTCDateTimeField()
    from_state = peewee.CharField(max_length=16)
    to_state = peewee.CharField(max_length=16)
    actor_kind = peewee.CharField(max_length=10)
    actor_uid = peewee.CharField(max_length=22)
    reason = peewee.CharField(max_length=200, default="")
    action = peewee.CharField(max_length=16, default="")
    outcome = peewee.CharField(max_length=20, default="")
    before = peewee.JSONField(null=True)
    undoes = peewee.ForeignKeyField("self", null=True, unique=True, backref="undone_by")


def state_as_read() -> peewee.Case:
    """Return `states.shown_state` of a visit as a column of a query, so that lists and counts need no second one."""
    undone = Transition.select(peewee.SQL("1")).where(
        (Transition.visit == Visit.id) & (Transition.to_state == CANCELLED) & Transition.reason.startswith(BACK_TO)
    )
    return peewee.Case(None, [((Visit.state == CANCELLED) & peewee.fn.EXISTS(undone), WITHDRAWN)], Visit.state)


class DeskHelp(BaseModel):
    """The desk of a Wellness Centre took this token. `way`: the person waits there, or at the own telephone."""

    visit = peewee.ForeignKeyField(Visit, unique=True, on_delete="CASCADE")
    staff = peewee.ForeignKeyField(Staff)
    way = peewee.CharField(max_length=10)

    @property
    def phone(self) -> str:
        """The number at which the doctor reaches the person; empty: the one of the person's account."""
        return str(self.staff.phone) if self.way == AT_DESK else ""


class Duty(BaseModel):
    """A doctor's duty in a session: on, break10, break20, break30 or off."""

    session = peewee.ForeignKeyField(ClinicSession, backref="duties")
    doctor = peewee.ForeignKeyField(Staff, backref="duties")
    state = peewee.CharField(max_length=8)
    until = UTCDateTimeField(null=True)
    changed_at = UTCDateTimeField()

    class Meta:
        indexes = ((("session", "doctor"), True),)


class Announcement(UidModel):
    """An announcement to those who wait for a specialty (null: for any), until it expires or is withdrawn."""

    specialty = peewee.ForeignKeyField(Specialty, null=True, backref="announcements")
    kind = peewee.CharField(max_length=12)
    text = peewee.CharField(max_length=200, default="")
    text_hi = peewee.CharField(max_length=200, default="")
    at = UTCDateTimeField()
    until = UTCDateTimeField(index=True)
    by_uid = peewee.CharField(max_length=22)
    withdrawn_at = UTCDateTimeField(null=True)


class Feedback(BaseModel):
    """A patient's feedback on a completed visit. No page of a doctor reads this table.

    `at`: when it was first said; `noted_at`: when an administrator noted it as read, empty again after a change.
    """

    visit = peewee.ForeignKeyField(Visit, unique=True, backref="feedback")
    rating = peewee.CharField(max_length=8)
    text = peewee.CharField(max_length=500, default="")
    at = UTCDateTimeField()
    noted_at = UTCDateTimeField(null=True)


class Display(UidModel):
    """A hall's display: its place, the codes of its specialties (none: all), the fingerprint of its key."""

    place = peewee.CharField(max_length=80)
    centre = peewee.ForeignKeyField(Centre, null=True, backref="displays")
    specialties = peewee.JSONField(default=list)
    speaks = peewee.BooleanField(default=False)
    key_hash = peewee.CharField(max_length=64, unique=True)
    at = UTCDateTimeField()
    by_uid = peewee.CharField(max_length=22)
    revoked_at = UTCDateTimeField(null=True)
