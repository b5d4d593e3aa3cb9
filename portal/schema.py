"""All tables of the core, and the migration runner."""

from pathlib import Path

import peewee
from playhouse.migrations import Runner

from portal.core.accounts.models import Account, Attempt, KeptForm, OtpChallenge, RecoveryCode, SignIn, Staff
from portal.core.beneficiaries.models import Beneficiary, Consent, RegisterEntry
from portal.core.clinic.centres import Centre
from portal.core.clinic.specialties import Specialty
from portal.core.consults.models import CallEvent, CallRoom, Consult
from portal.core.dispensing.models import DispensedItem, Dispensing
from portal.core.messages.models import EarlyReport, Message, MessageOptOut, SendAttempt, Wording
from portal.core.prescriptions.models import Drug, PrescribedItem, Prescription
from portal.core.records.models import HeldUpload, Record
from portal.core.referrals.models import Referral
from portal.core.visits.models import (
    Announcement,
    ClinicSession,
    Display,
    Duty,
    Feedback,
    Holiday,
    Leave,
    Transition,
    Visit,
)
from portal.plugin_host.models import HookCount, PluginHealth, PluginRevision, PluginState
from portal.store.damage import DamagedFile
from portal.store.db import database
from portal.store.idempotency import SpentKey
from portal.store.numbers import Counter
from portal.store.settings import Setting
from portal.work.audit import AuditHead, AuditRow
from portal.work.events import Delivery, Event
from portal.work.heartbeat import WorkerRow

TABLES: tuple[type[peewee.Model], ...] = (
    Setting, AuditRow, AuditHead, Event, Delivery, SpentKey, WorkerRow, DamagedFile,
    PluginState, PluginRevision, HookCount, PluginHealth,
    Centre, Specialty, Account, Staff, SignIn, OtpChallenge, Attempt, RecoveryCode, KeptForm,
    RegisterEntry, Beneficiary, Consent, Referral,
    Holiday, ClinicSession, Visit, Transition, Duty, Leave, Announcement, Feedback, Display, Record, HeldUpload,
    Consult, CallRoom, CallEvent, Counter, Drug, Prescription, PrescribedItem,
    Dispensing, DispensedItem, Message, MessageOptOut, SendAttempt, EarlyReport, Wording,
)  # fmt: skip

FOLDER = Path(__file__).parent / "migrations"


def runner(owner: str = "core", folder: Path = FOLDER) -> Runner:
    """The migrations of one owner: the core or a plugin, each with its own history table."""
    return Runner(database.obj, str(folder), table_name=f"migrations_{owner}")


def pending(owner: str = "core", folder: Path = FOLDER) -> list[str]:
    """Names of migrations not applied yet."""
    runs = runner(owner, folder)
    applied = runs.applied()
    return [migration.name for migration in runs.migrations() if migration.name not in applied]


def unknown(owner: str = "core", folder: Path = FOLDER) -> list[str]:
    """Names of migrations that were applied and are not here: a newer version, or another program, has been at work."""
    runs = runner(owner, folder)
    return sorted(set(runs.applied()) - {migration.name for migration in runs.migrations()})
