"""All models of the core."""

import peewee

from portal.core.accounts.elsewhere.models import StaffIdentity
from portal.core.accounts.models import Account, Kiosk, OtpChallenge, RecoveryCode, SignIn, Staff
from portal.core.beneficiaries.identities.models import PersonIdentity
from portal.core.beneficiaries.models import Beneficiary, Consent, MobileChange, RegisterEntry
from portal.core.calls.models import CallEvent, CallRoom, ShortLink
from portal.core.chart.models import ChartEntry
from portal.core.clinic.models import Centre, ClinicSession, Holiday, Specialty, SpecialtyHours
from portal.core.consults.models import Consult
from portal.core.dispensing.models import DispensedItem, Dispensing, Indent, IndentPermission, Permission
from portal.core.family.models import Share
from portal.core.family.print_models import LargePrint
from portal.core.formulary.models import Drug, FormularyVersion
from portal.core.kiosks.models import HandedVisit
from portal.core.messages.channels.models import ChannelChoice
from portal.core.messages.models import EarlyReport, Message, MessageOptOut, SendAttempt, Wording
from portal.core.prescribing.models import JudgedName
from portal.core.prescriptions.models import CancelRequest, Override, PrescribedItem, Prescription, PrescriptionFile
from portal.core.privacy.models import Pin, PinOffer, PrivateOpening, VisitCode
from portal.core.records.models import HeldUpload, OutsideFetch, OutsideFile, Preview, Record
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.referring.models import FollowUpReminder, ReferralSlip
from portal.core.register.models import RegisterChange, RegisterImport, RegisterUpload
from portal.core.reports.models import ReportDay, ReportMark, ReportRow
from portal.core.reports.papers.models import ReportMail, ReportPrint
from portal.core.rights.clearing.hold_models import LegalHold
from portal.core.rights.clearing.models import Cleared, DoomedFile, RetentionRun
from portal.core.rights.models import Case, CaseStep, Closing, DataCopy, Nominee
from portal.core.rosters.models import DoctorDay, DoctorWeek, Leave, RosterChange
from portal.core.rules.models import RuleTable
from portal.core.shortcuts.models import Shortcut
from portal.core.signing.models import SigningCertificate
from portal.core.visits.models import Announcement, Display, Duty, Feedback, Transition, Visit
from portal.keeping.models import Backup, Generation, Scrub
from portal.plugin_host.models import HookCount, PluginHealth, PluginRevision, PluginState
from portal.settings.stored import Setting
from portal.store.filing.notes import DeferredFile, FileNote
from portal.store.migrator import SchemaStep
from portal.store.numbers import Counter
from portal.web.forms.idempotency import SpentKey
from portal.web.forms.kept import KeptForm
from portal.work.audit import AuditHead, AuditRow
from portal.work.audit_shards import AuditDay, AuditShard
from portal.work.damage import DamagedFile
from portal.work.events import Delivery, Event
from portal.work.heartbeat import WorkerRow
from portal.work.proving.checks import AuditCheck
from portal.work.proving.sections import AuditSection
from portal.work.throttle import Attempt

TABLES: tuple[type[peewee.Model], ...] = (
    SchemaStep,
    Setting,
    AuditRow,
    AuditHead,
    AuditShard,
    AuditDay,
    AuditSection,
    AuditCheck,
    Event,
    Delivery,
    SpentKey,
    WorkerRow,
    DamagedFile,
    FileNote,
    DeferredFile,
    Backup,
    Generation,
    Scrub,
    PluginState,
    PluginRevision,
    HookCount,
    PluginHealth,
    Centre,
    Specialty,
    Account,
    Staff,
    SignIn,
    OtpChallenge,
    Attempt,
    RecoveryCode,
    StaffIdentity,
    KeptForm,
    RegisterEntry,
    RegisterImport,
    RegisterUpload,
    RegisterChange,
    Beneficiary,
    MobileChange,
    PersonIdentity,
    Consent,
    Referral,
    ReferralRequest,
    Holiday,
    SpecialtyHours,
    ClinicSession,
    Visit,
    Transition,
    Duty,
    Leave,
    DoctorWeek,
    DoctorDay,
    RosterChange,
    Announcement,
    Feedback,
    Display,
    Kiosk,
    HandedVisit,
    VisitCode,
    Pin,
    PinOffer,
    PrivateOpening,
    Record,
    HeldUpload,
    OutsideFile,
    OutsideFetch,
    Preview,
    ChartEntry,
    Consult,
    JudgedName,
    Shortcut,
    CallRoom,
    CallEvent,
    ShortLink,
    Counter,
    FormularyVersion,
    RuleTable,
    Drug,
    Prescription,
    PrescribedItem,
    Override,
    ReferralSlip,
    FollowUpReminder,
    CancelRequest,
    PrescriptionFile,
    SigningCertificate,
    Dispensing,
    DispensedItem,
    Permission,
    IndentPermission,
    Indent,
    Share,
    DataCopy,
    Case,
    CaseStep,
    Nominee,
    RetentionRun,
    LegalHold,
    Cleared,
    DoomedFile,
    Closing,
    LargePrint,
    Message,
    MessageOptOut,
    ChannelChoice,
    SendAttempt,
    EarlyReport,
    Wording,
    ReportRow,
    ReportPrint,
    ReportMail,
    ReportDay,
    ReportMark,
)
