"""Words for every audited action, of the portal and of the plugins that come with it."""

from portal.base.language import gettext as _


def words() -> dict[str, str]:
    """Map the actions of the portal and of the plugins that come with it to words."""
    first = (_signing, _people, _queue, _visits, _chart, _prescriptions)
    groups = (*first, _pharmacy, _texts, _rights, _machine, _of_bridge)
    return {action: word for group in groups for action, word in group().items()}


def _signing() -> dict[str, str]:
    return {
        "OtpRequested": _("One-time password sent"),
        "OtpRefused": _("Wrong one-time password"),
        "AccountSignedIn": _("Family signed in"),
        "StaffSignedIn": _("Staff signed in"),
        "StaffSignInRefused": _("Staff sign-in refused"),
        "StaffSteppedUp": _("Second factor proven again"),
        "SignedOut": _("Signed out"),
        "KioskAdded": _("Kiosk added"),
        "KioskPaired": _("Kiosk paired with a device"),
        "KioskRevoked": _("Kiosk revoked"),
        "KioskSignedIn": _("Signed in at a kiosk"),
        "StaffAdded": _("Staff member added"),
        "StaffChanged": _("Staff member changed"),
        "StaffDisabled": _("Staff member can no longer sign in"),
        "StaffEnabled": _("Staff member can sign in again"),
        "StaffCodeGiven": _("Code for choosing a password given"),
        "StaffPasswordChanged": _("Staff password changed"),
        "StaffSignedOut": _("Staff member signed out everywhere"),
        "StaffSecondFactorSet": _("Second factor set up"),
        "StaffSecondFactorReset": _("Second factor reset"),
        "StaffCodeMailed": _("Code for a password sent by e-mail"),
        "StaffResetAsked": _("Reset of a sign-in asked for"),
        "StaffResetConfirmed": _("Reset of a sign-in confirmed by a second person"),
        "AccountPasskeyAdded": _("Sign-in without SMS switched on"),
        "AccountPasskeyUsed": _("Family signed in without SMS"),
        "AccountPasskeyRemoved": _("Sign-in without SMS switched off"),
        "AccountPasskeysCancelled": _("Sign-in without SMS cancelled: the mobile changed hands"),
        "PasskeyRefused": _("Sign-in without SMS refused"),
        "StaffPasskeyAdded": _("Passkey added"),
        "StaffPasskeyRemoved": _("Passkey removed"),
        "StaffRecoveryCodesMade": _("New recovery codes made"),
        "StaffRecoveryCodeUsed": _("Recovery code used"),
        "StaffIdentityNamed": _("Identity elsewhere named for a staff member"),
        "StaffIdentityRemoved": _("Identity elsewhere removed from a staff member"),
        "StaffIdentityBound": _("Identity elsewhere used for the first time"),
        "Refused": _("Not allowed, refused"),
    }


def _people() -> dict[str, str]:
    return {
        "RecordOpeningAsked": _("Asked to open a record"),
        "RecordOpened": _("Record opened for a reason"),
        "ListUploaded": _("File of a list uploaded"),
        "ListDropped": _("File of a list thrown away"),
        "RegisterSearched": _("Register searched"),
        "RegisterRead": _("Person of the register read"),
        "RegisterExported": _("Register taken as a file"),
        "RegisterUploaded": _("File of the register uploaded"),
        "RegisterImportConfirmed": _("Import of the register confirmed"),
        "RegisterImportUndone": _("Import of the register undone"),
        "RegisterImportDropped": _("Import of the register thrown away"),
        "RegisterImportRetried": _("Import of the register tried again"),
        "BeneficiaryRegistered": _("Person registered"),
        "MobileCorrected": _("Mobile number corrected at the desk"),
        "MobileCorrectionStopped": _("Correction of a mobile number stopped"),
        "AbhaChanged": _("ABHA changed"),
        "ChannelChosen": _("Messages by another way asked for"),
        "ChannelLeft": _("Messages by another way given up"),
        "IdentityVerified": _("Number elsewhere confirmed"),
        "IdentityRefused": _("Number elsewhere not confirmed"),
        "IdentityRemoved": _("Number elsewhere removed"),
        "ConsentGiven": _("Consent given"),
        "ConsentWithdrawn": _("Consent withdrawn"),
        "PinSet": _("PIN for private visits set"),
        "PinRemoved": _("PIN for private visits removed"),
        "PinDeclined": _("PIN for private visits declined"),
        "VisitCodeGiven": _("Code for private visits given"),
        "VisitCodeRefused": _("Code or PIN for private visits wrong"),
        "PrivateVisitsOpened": _("Private visits opened"),
        "ShareMade": _("Medicines shared by a code"),
        "ShareOpened": _("Shared medicines opened"),
        "ShareWithdrawn": _("Sharing withdrawn"),
    }


def _queue() -> dict[str, str]:
    return {
        "CardSeen": _("Card seen at the desk"),
        "VisitHanded": _("Visit handed to a kiosk"),
        "VisitTaken": _("Visit opened at a kiosk"),
        "TokenHelped": _("The desk helps with a token"),
        "CallHelped": _("The desk sat with the patient in the call"),
        "TokenIssued": _("Token given"),
        "TokenMoved": _("Token goes on as another"),
        "TokenCancelled": _("Token cancelled, no doctor"),
        "TokenExpired": _("Token expired"),
        "TokenCarried": _("Token carried to another day"),
        "TokenWithdrawn": _("Token of a transfer withdrawn"),
        "NearTurn": _("Turn is near"),
        "VisitCalled": _("Patient called"),
        "CallExtended": _("More time to answer asked"),
        "ShortLinkUsed": _("Page opened by a short link"),
        "CallAccepted": _("Patient answered the call"),
        "CallMissed": _("Call missed"),
        "CallEnded": _("Call ended"),
        "CallJoined": _("Joined the call"),
        "CallLeft": _("Left the call"),
        "CallModeChanged": _("Call goes on in another mode"),
        "NumberShown": _("Patient's number shown"),
        "RoomOpened": _("Call room opened"),
        "GuestInvited": _("Guest invited to the call"),
        "GuestAdmitted": _("Guest let into the call"),
        "GuestRemoved": _("Guest removed from the call"),
        "DoctorLost": _("Doctor's page was lost"),
    }


def _visits() -> dict[str, str]:
    return {
        "VisitReturned": _("Patient back in the queue"),
        "VisitSkipped": _("Patient set aside for later"),
        "VisitTransferred": _("Patient transferred"),
        "VisitCompleted": _("Visit completed"),
        "VisitNotHeld": _("Visit ended without a consultation"),
        "VisitNoShow": _("Patient did not come"),
        "VisitCancelled": _("Patient gave up the place"),
        "StepUndone": _("Last step undone"),
        "FeedbackGiven": _("Feedback given"),
        "FeedbackNoted": _("Feedback marked as read"),
        "DutyChanged": _("Doctor's duty changed"),
        "LeaveTaken": _("Doctor takes leave"),
        "LeaveEnded": _("Doctor's leave ended"),
        "RosterChanged": _("Roster changed"),
        "RosterWishAsked": _("Leave or swap asked for"),
        "RosterWishAnswered": _("Request for leave or swap answered"),
        "SessionClosed": _("Session closed"),
        "SessionQuotaChanged": _("Session's number of tokens changed"),
        "AnnouncementMade": _("Announcement made"),
        "AnnouncementWithdrawn": _("Announcement withdrawn"),
        "DisplayMade": _("Hall display set up"),
        "DisplayRevoked": _("Hall display switched off"),
    }


def _chart() -> dict[str, str]:
    return {
        "ChartRead": _("Chart read"),
        "ChartEntryAdded": _("Entry added to the chart"),
        "ChartEntryEnded": _("Entry in the chart ended"),
        "ConsultRead": _("Earlier notes read"),
        "NotesSaved": _("Notes saved"),
        "NotesReopened": _("Notes opened for a correction"),
        "CorrectionGivenUp": _("Correction given up"),
        "ModeStated": _("Doctor stated the mode"),
    }


def _prescriptions() -> dict[str, str]:
    return {
        "PrescriptionIssued": _("Prescription issued"),
        "PrescriptionStored": _("Prescription's file made"),
        "PrescriptionSigned": _("Prescription signed"),
        "PrescriptionStuck": _("Prescription's file cannot be made"),
        "PrescriptionMisprinted": _("Prescription misprints micrograms"),
        "PrescriptionAmended": _("Prescription corrected"),
        "PrescriptionCancelled": _("Prescription cancelled"),
        "PrescriptionRead": _("Prescription read"),
        "PrescriptionOpened": _("Prescription opened by its code"),
        "PrescriptionDamaged": _("Prescription's file is damaged"),
        "CancelAsked": _("Cancelling asked for"),
        "CancelWithdrawn": _("Cancelling no longer asked for"),
        "VisitExported": _("Visit exported"),
        "DocumentDownloaded": _("Health record downloaded"),
        "RecordUploaded": _("File uploaded"),
        "RecordChecked": _("File checked"),
        "RecordUnlocked": _("File unlocked"),
        "RecordRemoved": _("File removed"),
        "RecordRead": _("File read"),
    }


def _pharmacy() -> dict[str, str]:
    return {
        "MedicinesDispensed": _("Medicines given"),
        "DispensingReversed": _("Giving medicines reversed"),
        "MedicineIndented": _("Medicine ordered from the chemist"),
        "IndentReady": _("Ordered medicine is ready"),
        "IndentEnded": _("Order from the chemist ended"),
        "PermissionScanned": _("Scan of a written permission added"),
        "PermissionRead": _("Scan of a written permission opened"),
        "WrongCode": _("Wrong prescription code"),
        "ReferralIssued": _("Referral given"),
        "ReferralExtended": _("Referral extended"),
        "ReferralReplaced": _("Referral replaced"),
        "ReferralCancelled": _("Referral withdrawn"),
        "ReferralEnding": _("Referral ends soon"),
        "ReferralRequested": _("Referral asked for"),
        "ReferralRequestAnswered": _("Request for a referral answered"),
        "ReferralRequestWithdrawn": _("Request for a referral withdrawn"),
        "AnswerNoted": _("Specialist's answer noted"),
        "FollowUpDue": _("Follow-up is due"),
        "PeopleSearched": _("People searched"),
        "ReferralsSearched": _("Referrals searched"),
    }


def _texts() -> dict[str, str]:
    return {
        "MessageDelivered": _("Text delivered"),
        "MessageFailed": _("Text failed"),
        "MessageResent": _("Text sent again"),
        "PatientPhoned": _("Patient phoned"),
        "MessageKindsChosen": _("Choice of texts changed"),
        "ReportExported": _("Report downloaded"),
        "ReportMailed": _("Report sent by e-mail"),
        "ReportMailFailed": _("Report could not be sent by e-mail"),
        "MessagesExported": _("Texts exported"),
        "NoticesSwitchedOn": _("Notices on a phone switched on"),
        "NoticesSwitchedOff": _("Notices on phones switched off"),
        "WordingChanged": _("Wording of a text changed"),
        "WordingReset": _("Wording of a text reset"),
    }


def _rights() -> dict[str, str]:
    return {
        "CaseOpened": _("Grievance or request received"),
        "CaseAdded": _("Something added to a case"),
        "CaseBegun": _("Work on a case begun"),
        "CaseAnswered": _("Case answered"),
        "HoldPlaced": _("Legal hold placed"),
        "HoldReleased": _("Legal hold released"),
        "VisitCleared": _("Visit deleted after its time"),
        "RecordsCleared": _("Records deleted after their time"),
        "RetentionBegun": _("Deletion after retention proposed"),
        "RetentionConfirmed": _("Deletion after retention confirmed"),
        "RetentionRun": _("Deletion after retention run"),
        "AccountClosed": _("Account closed"),
        "DataCopyAsked": _("Copy of all data asked for"),
        "DataCopyMade": _("Copy of all data made"),
        "DataCopyFetched": _("Copy of all data fetched"),
        "DataCopyDeleted": _("Copy of all data deleted"),
        "NomineeNamed": _("Nominee named"),
        "NomineeWithdrawn": _("Nominee withdrawn"),
    }


def _machine() -> dict[str, str]:
    return {
        "SettingsChanged": _("Settings changed"),
        "MasterSaved": _("Clinic data changed"),
        "HolidayDeleted": _("Holiday deleted"),
        "Imported": _("List imported"),
        "PluginSwitchedOn": _("Plugin switched on"),
        "PluginSwitchedOff": _("Plugin switched off"),
        "PluginMoved": _("Order of plugins changed"),
        "PluginFailed": _("Plugin failed again and again"),
        "PluginSettingsChanged": _("Plugin's settings changed"),
        "PluginTried": _("Plugin tried"),
        "PluginDataExported": _("Plugin's data written to files"),
        "PluginDataDeleted": _("Plugin's data deleted"),
        "BackupMade": _("Backup made"),
        "BackupRestored": _("Backup restored"),
        "SecretsSealedAnew": _("Secrets encrypted with a new key"),
        "EventTriedAgain": _("Event delivered again"),
        "AuditSealedAnew": _("Audit chain sealed with a new key"),
        "AuditSearched": _("Audit log searched"),
        "AuditExported": _("Extract of the audit log taken"),
        "AuditVerified": _("Audit log verified"),
        "AuditSectionClosed": _("Section of the audit log closed"),
    }


def _of_bridge() -> dict[str, str]:
    """Map the actions of the bridge to words."""
    return {
        "DocumentSent": _("Health record sent"),
        "DocumentRefused": _("Health record refused by the other side"),
        "DocumentResent": _("Health record sent again"),
        "DocumentDropped": _("Health record not sent, consent withdrawn"),
        "HandoverBegun": _("Hand-over to e-Sanjeevani begun"),
        "HandoverLaunched": _("Handed over to e-Sanjeevani"),
        "HandoverFailed": _("Hand-over to e-Sanjeevani failed"),
        "HandoverOpened": _("Hand-over to e-Sanjeevani opened again"),
        "SanjeevaniLoginKept": _("Sign-in at e-Sanjeevani stored"),
        "PlacesImported": _("Table of places replaced"),
        "UpdateReceived": _("Update from outside received"),
        "UpdateSettled": _("Update from outside matched"),
        "UpdateReplayed": _("Update from outside tried again"),
        "UpdateAccepted": _("Referral from outside accepted"),
        "UpdateClosed": _("Update from outside closed"),
    }
