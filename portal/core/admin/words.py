"""Words for roles and settings on the administrator's pages."""

from portal.base.language import gettext as _


def role_words() -> dict[str, str]:
    """Each role of staff in words."""
    return {
        "medical_officer": _("Medical Officer"),
        "doctor": _("Doctor"),
        "pharmacist": _("Pharmacist"),
        "desk": _("Desk"),
        "admin": _("Administrator"),
        "auditor": _("Auditor"),
    }


def setting_labels() -> dict[str, str]:
    """Key -> label of every setting that the administrator edits."""
    return dict(line for _heading, lines in setting_groups() for line in lines)


def setting_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """(heading, [(key, label)]) of every setting that the administrator edits, in the order of the page."""
    return [
        (_("Referrals"), _referrals()),
        (_("Hours and queue"), _queue()),
        (_("Records, prescriptions"), _papers()),
        (_("Sign-in and limits"), _limits()),
        (_("Texts (SMS)"), _messages()),
        (_("Plugins"), _plugins()),
        (_("Audit"), _audit()),
        (_("Words on the pages"), _texts()),
    ]


def _referrals() -> list[tuple[str, str]]:
    return [
        ("referral_validity_days", _("Days a referral is valid")),
        ("referral_max_consults", _("Consultations on one referral")),
        ("referral_max_specialists", _("Specialists at a time")),
        ("referral_exempt_age", _("Age from which no referral is needed")),
    ]


def _queue() -> list[tuple[str, str]]:
    return [
        ("working_days", _("Working days (1 Monday to 7 Sunday)")),
        ("opens_at", _("Clinic opens")),
        ("closes_at", _("Clinic closes")),
        ("tokens_from", _("Tokens are given from")),
        ("session_quota", _("Tokens a session")),
        ("call_seconds", _("Seconds to answer a call")),
        ("more_time_seconds", _("Seconds by which a patient can lengthen a call, once (0: not)")),
        ("lapses_allowed", _("Missed calls that are forgiven")),
        ("presence_seconds", _("Seconds that a page counts as present")),
        ("here_minutes", _("Minutes that “I am here” counts")),
        ("near_turn_ahead", _("People ahead when “your turn is near” is sent")),
        ("consult_minutes_default", _("Minutes of a consultation, until the day's own are known")),
        ("priority_age", _("Age from which people are called first")),
        ("wait_long_minutes", _("Minutes of waiting from which the board shows amber")),
        ("wait_late_minutes", _("Minutes of waiting from which the board shows red")),
        ("undo_seconds", _("Seconds in which staff can undo a step")),
        ("emergencies_per_session", _("Emergency calls a session")),
        ("carries_at_closing", _("How often an unserved token moves to the next clinic day (0: it expires)")),
        ("carries_on_leave", _("How often a token moves to the next clinic day when the doctors are away")),
    ]


def _papers() -> list[tuple[str, str]]:
    return [
        ("record_max_mb", _("Largest record, in MB")),
        ("records_max_count", _("Records at a time")),
        ("prescription_valid_days", _("Days a prescription is valid")),
    ]


def _limits() -> list[tuple[str, str]]:
    return [
        ("otp_minutes", _("Minutes an OTP is valid")),
        ("otp_tries", _("Tries for an OTP")),
        ("otp_gap_seconds", _("Seconds between two OTPs")),
        ("otp_per_hour", _("OTPs an hour for one number")),
        ("otp_per_day", _("OTPs a day for one number")),
        ("otp_per_address_hour", _("OTPs an hour from one network")),
        ("otp_per_minute", _("OTPs a minute for everybody together")),
        ("otp_per_day_all", _("OTPs a day for everybody together; administrators are told when they are spent")),
        ("otp_wrong_per_day", _("Wrong OTPs a day for one number from one network")),
        ("registration_tries_per_day", _("Tries to register on a day")),
        ("step_up_minutes", _("Minutes after which grave steps ask for the second factor again")),
    ]


def _messages() -> list[tuple[str, str]]:
    return [
        ("dlt_entity", _("Number of the principal entity (DLT), 19 digits")),
        ("dlt_header", _("Header (DLT): the sender that people see, in capitals and small letters as registered")),
        ("dlt_brand", _("Name that every text must carry")),
        ("dlt_whitelist", _("Web addresses and telephone numbers that the operators have whitelisted, with commas")),
        ("part_paise", _("Paise that one part of a text costs (0: not shown)")),
        ("quiet_from", _("Texts that are not urgent wait from")),
        ("quiet_until", _("They wait until (the same time: none waits)")),
        ("unknown_resend_minutes", _("Minutes after which a text without news is sent again (0 never; an OTP never)")),
        ("message_alarm_percent", _("Failed messages in a hundred from which administrators are told (0 never)")),
        ("message_alarm_least", _("Failed messages below which nobody is told")),
    ]


def _plugins() -> list[tuple[str, str]]:
    return [
        ("plugin_failures_allowed", _("Failures in a row before a plugin is switched off (0 never)")),
        ("plugin_failing_minutes", _("Minutes over which it has to fail before that")),
    ]


def _audit() -> list[tuple[str, str]]:
    return [("audit_head_address", _("Web address that is told the end of the audit chain (empty: none)"))]


def _texts() -> list[tuple[str, str]]:
    return [
        ("institution", _("Institution on the prescription")),
        ("institution_address", _("Its address")),
        ("helpline", _("Helpline")),
        ("grievance_officer", _("Grievance officer")),
        ("grievance_email", _("E-mail for grievances")),
        ("ministry_name", _("Ministry, beside the logo")),
        ("ministry_logo", _("Address of the logo on this site")),
        ("last_updated", _("“Last updated” at the foot of the pages")),
    ]
