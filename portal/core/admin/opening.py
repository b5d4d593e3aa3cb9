"""What is missing until the clinic can serve: the checklist of the overview and of `portal check`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.base.clock import clinic_day
from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.core.accounts.models import Staff
from portal.core.accounts.opening import doctors_that_serve
from portal.core.admin.tryout import drivers
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.clinic.models import Centre, Holiday, Specialty
from portal.core.clinic.sessions import next_working_day
from portal.core.formulary.models import Drug
from portal.core.messages import wordings
from portal.plugin_host.capabilities import lacks_senders, lacks_video
from portal.plugin_host.registry import Registry
from portal.settings.clinic import PageWords
from portal.settings.schema import default

STAYS_HERE = "outbox"  # the demo driver, which sends nothing to an operator
HOLIDAYS_AHEAD = timedelta(days=120)  # the central government has some in any four months


@dataclass(frozen=True)
class Step:
    """One thing that is missing: what it means, and the link to the page that cures it.

    The clinic cannot serve without what is needed; the rest can follow later.
    """

    part: str  # its name in `portal check`
    text: str
    link: str = ""
    path: str = ""
    is_needed: bool = True


Ask = Callable[[Registry, datetime], Step | None]


def open_steps(registry: Registry, now: datetime) -> list[Step]:
    """List what is missing, what is needed first. A demonstration is asked for no contacts of its own."""
    asks = (*STEPS, *(() if registry.config.demo else OWN_STEPS))
    return sorted((step for ask in asks if (step := ask(registry, now))), key=lambda step: not step.is_needed)


def sender(registry: Registry, now: datetime) -> Step | None:
    """Is a plugin on that sends SMS?"""
    text = lacks_senders(registry)
    return Step("sender", text, _("Set up and switch on a plugin that sends texts"), "/admin/plugins") if text else None


def video(registry: Registry, now: datetime) -> Step | None:
    """Is a plugin on that opens video calls?"""
    text = lacks_video(registry)
    return Step("video", text, _("Switch on a plugin for video calls"), "/admin/plugins") if text else None


def specialties(registry: Registry, now: datetime) -> Step | None:
    """Is there a specialty?"""
    if Specialty.select().where(Specialty.active).exists():
        return None
    text = _("There is no specialty: nobody can be referred and no token can be given.")
    return Step("specialties", text, _("Add a specialty"), "/admin/specialties")


def centres(registry: Registry, now: datetime) -> Step | None:
    """Is there a wellness centre?"""
    if Centre.select().where(Centre.active).exists():
        return None
    text = _("There is no wellness centre: people of the register and staff belong to one.")
    return Step("centres", text, _("Add a wellness centre"), "/admin/centres")


def doctors(registry: Registry, now: datetime) -> Step | None:
    """Is there a doctor with a registration number?"""
    if doctors_that_serve().exists():
        return None
    text = _("There is no doctor with a registration number: nobody can be treated.")
    return Step("doctors", text, _("Add a doctor"), "/admin/staff/new")


def specialties_without_doctor(registry: Registry, now: datetime) -> Step | None:
    """Has every specialty a doctor?"""
    served = {row.specialty_id for row in doctors_that_serve()}
    active = Specialty.select().where(Specialty.active).order_by(Specialty.id)
    names = [in_language(row) for row in active if row.id not in served]
    if not names or not served:
        return None
    text = _("Specialties without a doctor, whose tokens nobody calls: %(names)s", names=", ".join(names))
    return Step("specialties without doctor", text, _("Add a doctor"), "/admin/staff/new", is_needed=False)


def medical_officers(registry: Registry, now: datetime) -> Step | None:
    """Is there a medical officer who refers?"""
    if _staff("medical_officer"):
        return None
    text = _("There is no medical officer: nobody refers, and only people who need no referral get a token.")
    return Step("medical officers", text, _("Add a medical officer"), "/admin/staff/new", is_needed=False)


def register(registry: Registry, now: datetime) -> Step | None:
    """Is anybody in the scheme's register?"""
    if RegisterEntry.select().exists():
        return None
    text = _("The scheme's register is empty: nobody can register.")
    return Step("register", text, _("Import the register"), "/admin/beneficiaries/import")


def medicines(registry: Registry, now: datetime) -> Step | None:
    """Are there medicines in the formulary?"""
    if Drug.select().exists():
        return None
    text = _("The list of medicines is empty, so that none has a class. It is imported with: portal import formulary.")
    return Step("medicines", text)


def holidays(registry: Registry, now: datetime) -> Step | None:
    """Are holidays of the coming months entered?"""
    today = clinic_day(now)
    if Holiday.select().where(Holiday.day.between(today, today + HOLIDAYS_AHEAD)).exists():
        return None
    text = _("No holiday of the coming four months is entered: tokens are given on days without a doctor.")
    return Step("holidays", text, _("Enter the holidays"), "/admin/holidays", is_needed=False)


def clinic_days(registry: Registry, now: datetime) -> Step | None:
    """Is the clinic open on some day of the next weeks?"""
    if next_working_day(clinic_day(now)) is not None:
        return None
    text = _("The clinic is open on no day of the next weeks: working days and holidays leave none.")
    return Step("clinic days", text, _("Change the hours"), "/admin/settings")


def helpline(registry: Registry, now: datetime) -> Step | None:
    """Is the helpline the clinic's own, and not the one as delivered?"""
    number = PageWords.in_force().helpline
    if number != default(PageWords, "helpline"):
        return None
    text = _("The helpline is still the number as delivered: %(number)s. People are told to call it.", number=number)
    return Step("helpline", text, _("Enter your helpline"), "/admin/settings")


def grievances(registry: Registry, now: datetime) -> Step | None:
    """Is the address for grievances the clinic's own?"""
    if not PageWords.in_force().grievance_email.endswith("@example.in"):
        return None
    text = _("The e-mail for grievances is still the one as delivered: nobody reads it.")
    return Step("grievances", text, _("Enter your address"), "/admin/settings")


def administrators(registry: Registry, now: datetime) -> Step | None:
    """Is there a second administrator?"""
    if len(_staff("admin")) != 1:
        return None
    text = _("There is one administrator only: when the phone with the second factor is lost, only the console helps.")
    return Step("administrators", text, _("Add a second administrator"), "/admin/staff/new", is_needed=False)


def second_factors(registry: Registry, now: datetime) -> Step | None:
    """Has every administrator a second factor?"""
    names = [person.username for person in _staff("admin") if not person.totp_secret]
    if not names:
        return None
    text = _(
        "Administrators without a second factor, which they set up at their sign-in: %(names)s", names=", ".join(names)
    )
    return Step("second factors", text, _("See the staff"), "/admin/staff", is_needed=False)


def sms_registration(registry: Registry, now: datetime) -> Step | None:
    """Are the texts registered with the operators (DLT)?"""
    senders = [name for name, _function in registry.implementations("send_message")]
    ways = {driver for name in senders for driver in drivers(registry, name)}
    count = wordings.unregistered() if ways - {STAYS_HERE} else 0
    if not count:
        return None
    text = _(
        "Texts that are not registered with the operators (DLT), so that they never arrive: %(count)s", count=count
    )
    return Step("sms registration", text, _("Enter the numbers"), "/admin/messages/templates", is_needed=False)


def _staff(role: str) -> list[Staff]:
    return list(Staff.select().where((Staff.role == role) & Staff.disabled_at.is_null()))


STEPS: tuple[Ask, ...] = (
    sender,
    video,
    specialties,
    centres,
    doctors,
    register,
    medicines,
    clinic_days,
    specialties_without_doctor,
    medical_officers,
    holidays,
    sms_registration,
)
OWN_STEPS: tuple[Ask, ...] = (helpline, grievances, administrators, second_factors)


def asked() -> Iterator[tuple[str, str]]:
    """List (part, question) of every step, for `portal check --list`."""
    for ask in (*STEPS, *OWN_STEPS):
        yield ask.__name__.replace("_", " "), (ask.__doc__ or "").splitlines()[0]
