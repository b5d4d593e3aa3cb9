"""Words for who saw a family's records: whole words of people, no codes."""

from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.base.roles import words_of_staff
from portal.core.family.readers import FAMILY, OPERATOR, SENT, SHARED, Reading


def who(reading: Reading) -> str:
    """Name the reader."""
    if reading.staff is not None:
        return in_language(reading.staff)
    others = {
        FAMILY: _("Somebody signed in as your family"),
        OPERATOR: _("The operator of the portal"),
        SHARED: reading.name or _("Somebody with your one-time code"),
        SENT: _("The health records that you agreed to"),
    }
    return others.get(reading.role, _("Somebody of the clinic"))


def place(reading: Reading) -> str:
    """Say the reader's role, and centre or specialty; of others than the staff nothing."""
    staff = reading.staff
    if staff is None:
        return words_of_staff().get(reading.role, "")
    of = staff.specialty or staff.centre
    return " · ".join(filter(None, (words_of_staff().get(staff.role, ""), in_language(of) if of else "")))


def seen(reading: Reading) -> str:
    """List what was seen."""
    words = {
        "ChartRead": (_("the chart: illnesses, medicines, earlier visits"), ""),
        "ConsultRead": (_("the notes of a visit"), _("the notes of %(count)s visits")),
        "PrescriptionRead": (_("a prescription"), _("%(count)s prescriptions")),
        "PrescriptionOpened": (_("the medicines of a prescription"), _("the medicines of %(count)s prescriptions")),
        "RecordRead": (_("a report or photo"), _("%(count)s reports and photos")),
        "RecordOpened": (_("opened the record, for a stated reason"), ""),
        "PermissionRead": (_("the letter that permits more medicines at once"), ""),
        "ShareOpened": (_("the medicines of a prescription"), _("the medicines of %(count)s prescriptions")),
        "NumberShown": (_("the whole mobile number"), ""),
        "CallHelped": (
            _("the call with the doctor, sitting with the patient"),
            _("%(count)s calls with the doctor, sitting with the patient"),
        ),
        "DataCopyFetched": (_("a copy of all data"), ""),
        "HandoverLaunched": (_("what e-Sanjeevani needs to see you"), ""),
        "DocumentSent": (_("the documents of a visit"), _("the documents of %(count)s visits")),
        "VisitExported": (_("the documents of a visit"), _("the documents of %(count)s visits")),
    }
    parts = []
    for action, count in reading.seen.items():
        one, many = words[action]
        parts.append(many.replace("%(count)s", str(count)) if many and count > 1 else one)
    return "; ".join(parts)


def why(reading: Reading) -> str:
    """Say what for; "" where the role says nothing of it."""
    reasons = {
        "doctor": _("for a consultation"),
        "pharmacist": _("to give the medicines"),
        "medical_officer": _("about a referral"),
        "admin": _("to put something right"),
        "desk": _("to help you at the centre or by telephone"),
        FAMILY: _("asked for on this account"),
        OPERATOR: _("asked for as a document"),
        SHARED: _("with the one-time code that you made"),
        SENT: _("sent because you agreed to it"),
    }
    return reasons.get(reading.role, "")
