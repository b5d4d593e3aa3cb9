"""Whose account an identity from elsewhere opens."""

import pytest

from portal.base.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.contracts import VerifiedIdentity
from portal.core.accounts.elsewhere import services
from portal.core.accounts.elsewhere.models import StaffIdentity
from portal.core.accounts.staff import disable_staff
from portal.work.audit import SYSTEM, Actor, AuditRow
from tests.factories import make_staff

ASHA = VerifiedIdentity("sub-asha", "Asha@Hospital.example")


def name(staff, known_as, now):
    return services.name_identity(staff, "oidc", known_as, by=SYSTEM, now=now)


def test_a_verified_address_opens_the_account_it_was_named_for_whatever_the_case(db, now):
    doctor = make_staff("doctor")
    name(doctor, " ASHA@hospital.example ", now)
    assert services.staff_of("oidc", ASHA, now=now) == doctor


def test_a_subject_opens_it_too_and_is_compared_letter_by_letter(db, now):
    doctor = make_staff("doctor")
    name(doctor, "sub-asha", now)
    with pytest.raises(NotAllowed):
        services.staff_of("oidc", VerifiedIdentity("SUB-ASHA"), now=now)
    assert services.staff_of("oidc", VerifiedIdentity("sub-asha"), now=now) == doctor


def test_the_first_sign_in_binds_the_subject_so_that_a_recycled_address_opens_nothing(db, now):
    doctor = make_staff("doctor")
    name(doctor, "asha@hospital.example", now)
    services.staff_of("oidc", ASHA, now=now)
    with pytest.raises(NotAllowed):
        services.staff_of("oidc", VerifiedIdentity("sub-new-person", ASHA.email), now=now)
    renamed = VerifiedIdentity(ASHA.subject, "asha.verma@hospital.example")
    assert services.staff_of("oidc", renamed, now=now) == doctor
    assert AuditRow.select().where(AuditRow.action == "StaffIdentityBound").count() == 1


@pytest.mark.parametrize(
    "identity", [VerifiedIdentity("other", "other@hospital.example"), VerifiedIdentity(""), VerifiedIdentity("s" * 201)]
)
def test_an_unknown_identity_opens_nothing_and_is_audited(db, now, identity):
    name(make_staff("doctor"), "asha@hospital.example", now)
    with pytest.raises(NotAllowed):
        services.staff_of("oidc", identity, now=now)
    assert AuditRow.select().where(AuditRow.action == "StaffSignInRefused").count() == 1


def test_an_identity_at_one_plugin_opens_nothing_at_another(db, now):
    name(make_staff("doctor"), "asha@hospital.example", now)
    with pytest.raises(NotAllowed):
        services.staff_of("saml", ASHA, now=now)


def test_a_closed_account_stays_closed(db, now):
    doctor = make_staff("doctor")
    name(doctor, "asha@hospital.example", now)
    disable_staff(doctor, by=SYSTEM, now=now)
    with pytest.raises(NotAllowed):
        services.staff_of("oidc", ASHA, now=now)


def test_an_identity_opens_one_account_only(db, now):
    name(make_staff("doctor"), "asha@hospital.example", now)
    with pytest.raises(Conflict, match="already"):
        name(make_staff("desk"), "Asha@hospital.example", now)


def test_nobody_names_an_own_identity(db, now):
    admin = make_staff("admin")
    with pytest.raises(Conflict, match="Another administrator"):
        services.name_identity(admin, "oidc", "me@hospital.example", by=Actor("staff", admin.uid), now=now)


@pytest.mark.parametrize("known_as", ["", "ab", "x" * 201])
def test_an_identity_needs_a_name_of_reasonable_length(db, now, known_as):
    with pytest.raises(Invalid):
        name(make_staff("doctor"), known_as, now)


def test_a_removed_identity_opens_nothing_and_both_are_audited(db, now):
    doctor = make_staff("doctor")
    row = name(doctor, "asha@hospital.example", now)
    with pytest.raises(NotFound):
        services.remove_identity(make_staff("desk"), row.uid, by=SYSTEM, now=now)
    services.remove_identity(doctor, row.uid, by=SYSTEM, now=now)
    assert StaffIdentity.select().count() == 0
    with pytest.raises(NotAllowed):
        services.staff_of("oidc", ASHA, now=now)
    actions = {row.action for row in AuditRow.select(AuditRow.action)}
    assert actions >= {"StaffIdentityNamed", "StaffIdentityRemoved"}
