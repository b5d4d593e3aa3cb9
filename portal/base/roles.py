"""The catalogue of roles: name, home page, navigation, and whether its people belong to a centre or a specialty.

To add a role, add an entry here and its key to the `@allow` permission of each view it may call (tests/access.toml
repeats those). What its people find in a list or are told beside that is at the feature, by the role's key: doctors
(calls, boards, leave, prescriptions), desks (the visits of their centre) and administrators (failed plugins).
"""

from collections.abc import Callable
from dataclasses import dataclass

from portal.base.language import gettext as _

Links = list[tuple[str, str]]


@dataclass(frozen=True)
class Role:
    """One role. `key` is stored with staff, named by `@allow` and told to plugins: never rename it.

    `word` is its display name and `links` its navigation (label, URL), both in the reader's language; `home` is
    the page after signing in. Its people work at one wellness centre (`of_a_centre`), or in one specialty, in which
    they are listed with qualification and registration number (`of_a_specialty`).
    """

    key: str
    word: Callable[[], str]
    home: str
    links: Callable[[], Links]
    is_staff: bool = True
    of_a_centre: bool = False
    of_a_specialty: bool = False


def _of_administrators() -> Links:
    return [
        (_("Overview"), "/admin"),
        (_("Reports"), "/admin/reports"),
        (_("Plugins"), "/admin/plugins"),
        (_("Messages"), "/admin/messages"),
        (_("Feedback"), "/admin/feedback"),
        (_("People"), "/admin/beneficiaries"),
        (_("Staff"), "/admin/staff"),
        (_("Clinic"), "/admin/centres"),
        (_("Displays"), "/admin/displays"),
        (_("Sessions"), "/admin/sessions"),
        (_("Leave"), "/leave"),
        (_("Announcements"), "/announcements"),
        (_("Grievances"), "/admin/cases"),
        (_("Audit"), "/admin/audit"),
        (_("Settings"), "/admin/settings"),
    ]


OTHERS = ("anyone", "machine")  # also named by @allow: the public, and signed requests of machines
ROLES = {
    role.key: role
    for role in (
        Role(
            "beneficiary",
            lambda: _("Beneficiary"),
            "/home",
            lambda: [(_("Home"), "/home"), (_("New token"), "/tokens/new")],
            is_staff=False,
        ),
        Role(
            "medical_officer",
            lambda: _("Medical Officer"),
            "/referrals",
            lambda: [
                (_("Referrals"), "/referrals"),
                (_("Requests"), "/referrals/requests"),
                (_("New referral"), "/referrals/new"),
                (_("People"), "/referrals/people"),
            ],
            of_a_centre=True,
        ),
        Role(
            "doctor",
            lambda: _("Doctor"),
            "/board",
            lambda: [
                (_("Board"), "/board"),
                (_("Announcements"), "/announcements"),
                (_("Leave"), "/leave"),
                (_("Prescriptions"), "/prescriptions"),
                (_("My templates"), "/shortcuts"),
            ],
            of_a_specialty=True,
        ),
        Role(
            "pharmacist",
            lambda: _("Pharmacist"),
            "/dispense",
            lambda: [(_("Dispense"), "/dispense"), (_("Indents"), "/dispense/indents")],
            of_a_centre=True,
        ),
        Role(
            "desk",
            lambda: _("Desk"),
            "/desk",
            lambda: [
                (_("Please phone"), "/desk"),
                (_("Without a phone"), "/desk/people"),
                (_("Tokens"), "/desk/tokens"),
                (_("Announcements"), "/announcements"),
            ],
            of_a_centre=True,
        ),
        Role("admin", lambda: _("Administrator"), "/admin", _of_administrators),
        Role(
            "rights_officer",
            lambda: _("Grievance Officer"),
            "/admin/cases",
            lambda: [(_("Grievances"), "/admin/cases")],
        ),
        Role("auditor", lambda: _("Auditor"), "/admin/audit", lambda: [(_("Audit"), "/admin/audit")]),
    )
}


def staff_roles() -> list[str]:
    """List the keys of the staff roles, in the order of forms."""
    return [key for key, role in ROLES.items() if role.is_staff]


def words_of_staff() -> dict[str, str]:
    """Map the keys of the staff roles to their display names."""
    return {key: ROLES[key].word() for key in staff_roles()}


def is_of_a_centre(key: str) -> bool:
    """Do people of this role work at one wellness centre?"""
    return key in ROLES and ROLES[key].of_a_centre


def is_of_a_specialty(key: str) -> bool:
    """Do people of this role work in one specialty?"""
    return key in ROLES and ROLES[key].of_a_specialty
