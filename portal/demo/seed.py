"""Seed deterministic fake data, through the same imports and services as real data."""

from datetime import datetime, timedelta
from pathlib import Path

from portal.base import clock
from portal.config import Config
from portal.core.accounts.credentials import hash_password
from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.clinic.holiday_lists import central_holidays
from portal.core.clinic.models import Centre, Holiday, Specialty
from portal.core.doctors.planning.changing import change_roster
from portal.core.doctors.planning.deeds import Deed
from portal.core.doctors.planning.effects import effect_of
from portal.core.rights import cases
from portal.core.rights.models import DONE, GRIEVANCE, Case
from portal.core.rosters.book import DAY, LEAVE, WEEK, WEEKDAY, Facts
from portal.core.rosters.models import RosterChange
from portal.core.signing import places
from portal.demo import authority
from portal.demo.register import write_register
from portal.imports.run import DATA, run_import
from portal.plugin_host.models import PluginState
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import switch
from portal.settings.stored import Setting
from portal.store.db import write
from portal.work.audit import SYSTEM, Actor

QUALIFICATIONS = {  # in Hindi
    "MD (Medicine)": "एमडी (मेडिसिन)",
    "MS (Orthopaedics)": "एमएस (हड्डी रोग)",
    "MS (Ophthalmology)": "एमएस (नेत्र रोग)",
    "MS (ENT)": "एमएस (नाक-कान-गला)",
    "MD (Psychiatry)": "एमडी (मनोरोग)",
}
PASSWORD = "demo-paramarsh"  # noqa: S105 the demo's published password
SWITCHED_ON = ("sms_gateway", "video_webrtc")
DOCTORS = (
    # username, name, name in Hindi, specialty, qualification, registration number
    ("dr.medicine1", "Dr Asha Verma", "डॉ. आशा वर्मा", "medicine", "MD (Medicine)", "DMC-20411"),
    ("dr.medicine2", "Dr Imran Qureshi", "डॉ. इमरान क़ुरैशी", "medicine", "MD (Medicine)", "DMC-31877"),
    ("dr.orthopaedics1", "Dr Gurpreet Singh", "डॉ. गुरप्रीत सिंह", "orthopaedics", "MS (Orthopaedics)", "DMC-27754"),
    ("dr.eye1", "Dr Lakshmi Iyer", "डॉ. लक्ष्मी अय्यर", "eye", "MS (Ophthalmology)", "DMC-18230"),
    ("dr.ent1", "Dr Rohan Das", "डॉ. रोहन दास", "ent", "MS (ENT)", "DMC-35102"),
    ("dr.psychiatry1", "Dr Meera Joshi", "डॉ. मीरा जोशी", "psychiatry", "MD (Psychiatry)", "DMC-29946"),
)
CENTRE_STAFF = (
    # prefix, role, names of the three centres' people, and in Hindi
    (
        "mo",
        "medical_officer",
        {"Dr Kavita Nair": "डॉ. कविता नायर", "Dr Suresh Menon": "डॉ. सुरेश मेनन", "Dr Farah Khan": "डॉ. फ़राह ख़ान"},
    ),
    ("pharm", "pharmacist", {"Sunil Rao": "सुनील राव", "Anita Kumari": "अनीता कुमारी", "Joseph Thomas": "जोसेफ़ थॉमस"}),
    ("desk", "desk", {"Pooja Sharma": "पूजा शर्मा", "Ravi Yadav": "रवि यादव", "Neha Gupta": "नेहा गुप्ता"}),
)
WEEKS = {"dr.medicine1": "ddd1d1-", "dr.medicine2": "1--dddd"}
CAMP = {"is_open": True, "opens_at": None, "closes_at": None, "quota": 30, "reason": ""}
FAMILY = "+919999999901"  # nobody of the register has it
GRIEVANCES = (
    "कॉल दो बार कट गई और डॉक्टर से दोबारा बात नहीं हो पाई।",
    "The medicine on my prescription was not there at the Wellness Centre, and nobody told me when it would come.",
)
ANSWER = "हमें खेद है। उस दिन नेटवर्क में खराबी थी। कृपया नया टोकन लें।"


def seed(beneficiaries: int, *, now: datetime, config: Config) -> None:
    """Seed the demo to its documented state. Idempotent: existing data is kept."""
    with write():
        _masters(now)
        _staff(now)
        _holidays(clock.clinic_day(now).year)
        _say_all_day(config.demo_all_day)
    _rosters(now)
    if RegisterEntry.select().count() < beneficiaries:
        _register(beneficiaries, config.data_dir, now)
    _plugins(now)
    _cases(now)
    authority.make(config.data_dir / places.DEMO, {DOCTORS[0][0]: DOCTORS[0][1]})


def _masters(now: datetime) -> None:
    if not Centre.select().exists():
        for kind in ("centres", "specialties", "formulary"):
            run_import(kind, DATA / f"{kind}.csv", dry_run=False, now=now)


def _staff(now: datetime) -> None:
    if Staff.select().exists():
        return
    secret = hash_password(PASSWORD)
    common = {"password_hash": secret, "created_at": now}
    for username, name, name_hi, specialty, qualification, number in DOCTORS:
        Staff.create(
            username=username,
            name=name,
            name_hi=name_hi,
            role="doctor",
            qualification=qualification,
            qualification_hi=QUALIFICATIONS[qualification],
            registration_number=number,
            phone="011-23000000",
            specialty=Specialty.get(Specialty.code == specialty),
            **common,
        )
    for prefix, role, names in CENTRE_STAFF:
        for place, (name, name_hi) in enumerate(names.items(), 1):
            centre = Centre.get(Centre.code == f"{place:02d}")
            username = f"{prefix}.{place:02d}"
            Staff.create(username=username, name=name, name_hi=name_hi, role=role, centre=centre, **common)
    for username, role in (("admin", "admin"), ("admin2", "admin"), ("auditor", "auditor")):
        Staff.create(username=username, name=username.title(), role=role, **common)


def _holidays(year: int) -> None:
    """Create the holidays of this year and the next."""
    if not Holiday.select().exists():
        for day, name, name_hi in central_holidays(year, year + 1):
            Holiday.create(day=day, name=name, name_hi=name_hi)


def _cases(now: datetime) -> None:
    """Open two grievances of a family, and answer the first."""
    if Case.select().exists():
        return
    family = Account.create(mobile=FAMILY, language="hi", created_at=now)
    by = Actor("account", family.uid)
    first, _second = (cases.open_case(family, GRIEVANCE, None, {"text": text}, by=by, now=now) for text in GRIEVANCES)
    officer = Staff.get(Staff.username == "admin")
    form = {"outcome": DONE, "text": ANSWER}
    cases.answer_case(first, officer, form, by=Actor("staff", officer.uid), now=now)


def _say_all_day(all_day: bool) -> None:
    Setting.delete().where(Setting.key == "demo_all_day").execute()
    if all_day:
        Setting.create(key="demo_all_day", value=True)


def _register(beneficiaries: int, folder: Path, now: datetime) -> None:
    path = folder / "demo_register.csv"
    write_register(path, beneficiaries)
    run_import("beneficiaries", path, dry_run=False, now=now)


def _plugins(now: datetime) -> None:
    if PluginState.select().exists():
        return
    for name in SWITCHED_ON:
        if name in registry().installed:
            switch(name, True, by=SYSTEM, now=now, confirmed=True)


def _rosters(now: datetime) -> None:
    """Write patterns, half a day, leave and a quota, unless there are any. Every day keeps a doctor."""
    if RosterChange.select().exists():
        return
    today = clock.clinic_day(now)
    doctors = {row.username: row for row in Staff.select().where(Staff.role == "doctor")}
    for username, days in WEEKS.items():
        _change_roster(
            "week", doctors[username], {(WEEK, doctors[username].id, today.isoformat()): _pattern(days)}, now
        )
    thursday = today + timedelta(days=7 + (3 - today.weekday()) % 7)
    training = doctors["dr.medicine2"]
    _change_roster(
        "day", training, {(DAY, training.id, thursday.isoformat()): {"part": "2", "reason": "Training"}}, now
    )
    resting, friday = doctors["dr.medicine1"], thursday + timedelta(days=1)
    _change_roster("leave", resting, {(LEAVE, resting.id, friday.isoformat()): {"reason": "Family"}}, now)
    orthopaedics = doctors["dr.orthopaedics1"]
    _change_roster(
        "hours", orthopaedics, {(WEEKDAY, Specialty.get(Specialty.code == "orthopaedics").id, "3"): CAMP}, now
    )


def _pattern(days: str) -> dict[str, object]:
    return {"ends": None, "days": days}


def _change_roster(kind: str, doctor: Staff, facts: Facts, now: datetime) -> None:
    specialty = doctor.specialty
    assert specialty is not None  # noqa: S101 doctors have one
    deed = Deed(kind, specialty, facts)
    by = Actor("staff", Staff.get(Staff.username == "admin").uid)
    change_roster(deed, effect_of(deed, now).seen, by=by, now=now)
