"""Catalogue of message kinds. A new SMS is an entry here and a listener.

Its template page, DLT form, samples, quiet hours, opt-out page, phone list and docs/texts.md follow from the entry. All
are registered as *service implicit* (domain.md 3.1). The templates have no URLs, as each would have to be whitelisted,
but for the one with a short link, which is off by default; Hindi keeps within 70 characters, one part, but for that.
"""

from datetime import timedelta

from portal.base.language import gettext as _
from portal.core.messages.catalogue import MOBILES, REFERRALS, RIGHTS
from portal.core.messages.catalogue.kind import DAY, MessageKind, nowhere
from portal.core.visits.states import CALLED, READY

TOKEN, OTHER_TOKEN, PRESCRIPTION = "MED-999", "MED-998", "RX-2611-000123"
OTHER_PRESCRIPTION = "RX-2611-000124"
PATIENT_ID = "2611230000179"

# In the order of the pages: the most important first.
KINDS = {
    kind.key: kind
    for kind in (
        MessageKind(
            "otp",
            lambda: _("One-time password"),
            "$code is your OTP to sign in to tele-OPD, valid for $minutes min. Do not share it with anyone. -CGHSTC",
            "$code आपका ओटीपी है, $minutes मिनट मान्य। किसी को न बताएँ। -CGHSTC",
            {"code": "987654", "minutes": "10"},
            purpose=lambda: _("Without it nobody can sign in."),
            is_secret=True,
        ),
        MessageKind(
            "near_turn",
            lambda: _("Turn is near"),
            "Token $token: your turn is near, $ahead ahead of you. Please sign in now and keep the page open. -CGHSTC",
            "टोकन $token: बारी आने वाली है (आगे $ahead)। अभी लॉगिन करें। -CGHSTC",
            {"token": TOKEN, "ahead": "20"},
            purpose=lambda: _("A few minutes before your turn, so that you can open the page."),
            life=timedelta(minutes=20),
            is_optional=True,
            is_phoned=True,
            while_in=READY,
        ),
        MessageKind(
            "token",
            lambda: _("Token"),
            "Token $token, queue number $number, patient ID $patient_id. "
            "Keep the page open, wait for your turn. -CGHSTC",
            "टोकन $token, कतार नंबर $number, मरीज़ आईडी $patient_id। -CGHSTC",
            {"token": TOKEN, "number": "999", "patient_id": PATIENT_ID},
            purpose=lambda: _("Your token and queue number, after you asked for one."),
            is_optional=True,
        ),
        MessageKind(
            "your_turn",
            lambda: _("It is your turn"),
            "Token $token: the doctor is calling you. Open the page, press Call now within $minutes min. -CGHSTC",
            "टोकन $token: डॉक्टर आपको बुला रहे हैं। $minutes मिनट में पेज खोलें। -CGHSTC",
            {"token": TOKEN, "minutes": "10"},
            purpose=lambda: _("The doctor waits only a short time."),
            is_phoned=True,
            while_in=(CALLED,),
        ),
        MessageKind(
            "your_turn_link",
            lambda: _("It is your turn, with a link"),
            "Token $token: the doctor is calling you. Open $link and press Call now within $minutes min. -CGHSTC",
            "टोकन $token: डॉक्टर आपको बुला रहे हैं। $minutes मिनट में खोलें: $link -CGHSTC",
            {"token": TOKEN, "minutes": "10", "link": "opd.cghs.gov.in/s/abcdefghij"},
            purpose=lambda: _("The doctor waits only a short time."),
            is_phoned=True,
            while_in=(CALLED,),
            parts=2,
        ),
        MessageKind(
            "missed_call",
            lambda: _("Missed call"),
            "Token $token: you missed your turn. Your place is kept, you will be called again. "
            "Keep the page open. -CGHSTC",
            "टोकन $token: बारी छूटी, स्थान सुरक्षित है। पेज खुला रखें। -CGHSTC",
            {"token": TOKEN},
            purpose=lambda: _("So that you know that your place is kept."),
            life=timedelta(hours=1),
            is_phoned=True,
            while_in=READY,
        ),
        MessageKind(
            "transferred",
            lambda: _("Sent to another doctor"),
            "Token $before is now token $token: the doctor has sent you on. Your place is kept. "
            "Open the page now. -CGHSTC",
            "टोकन $before अब $token है। स्थान सुरक्षित है। पेज खोलें। -CGHSTC",
            {"before": OTHER_TOKEN, "token": TOKEN},
            purpose=lambda: _("Your token changes."),
            is_phoned=True,
        ),
        MessageKind(
            "prescription",
            lambda: _("Prescription ready"),
            "Your e-prescription $number is ready. Sign in to see or download it. -CGHSTC",
            "आपका ई-पर्चा $number तैयार है। लॉगिन करके देखें। -CGHSTC",
            {"number": PRESCRIPTION},
            purpose=lambda: _("When your prescription is ready to be read."),
            life=3 * DAY,  # no less useful on Monday than on Friday
            waits="morning",
            is_optional=True,
        ),
        MessageKind(
            "prescription_replaced",
            lambda: _("Prescription corrected"),
            "E-prescription $number is corrected: $new replaces it. Use the new one only. Sign in to see it. -CGHSTC",
            "पर्चा $number बदल गया, अब $new चलेगा। -CGHSTC",
            {"number": PRESCRIPTION, "new": OTHER_PRESCRIPTION},
            purpose=lambda: _("The old paper is no longer valid."),
            life=3 * DAY,
            is_phoned=True,
        ),
        MessageKind(
            "prescription_cancelled",
            lambda: _("Prescription cancelled"),
            "E-prescription $number is cancelled. Do not take or collect medicines on it. Sign in to see why. -CGHSTC",
            "पर्चा $number रद्द है। इससे दवा न लें। लॉगिन करें। -CGHSTC",
            {"number": PRESCRIPTION},
            purpose=lambda: _("Medicines of a cancelled prescription can harm you."),
            life=3 * DAY,
            is_phoned=True,
        ),
        MessageKind(
            "indent_ready",
            lambda: _("Medicine from the chemist"),
            "Medicine of e-prescription $number is ready at centre $centre. Collect it by $day. -CGHSTC",
            "पर्चा $number: दवा केंद्र $centre पर है, $day तक लें। -CGHSTC",
            {"number": PRESCRIPTION, "centre": "01", "day": "23-11-2026"},
            purpose=lambda: _("When a medicine that was not in stock has come."),
            life=3 * DAY,
            waits="morning",
            is_optional=True,
        ),
        MessageKind(
            "misprint",
            lambda: _("A unit printed wrongly"),
            "Prescription $number: where its paper prints MG, micrograms (mcg) are meant. "
            "Ask before taking it. -CGHSTC",
            "पर्चा $number: छपा MG असल में mcg है। पहले पूछें। -CGHSTC",
            {"number": PRESCRIPTION},
            purpose=lambda: _("A wrong unit on paper can harm you."),
            life=3 * DAY,
        ),
        *REFERRALS,
        *RIGHTS,
        *MOBILES,
        MessageKind(
            "session_cancelled",
            lambda: _("Token cancelled"),
            "Token $token of $day cannot be served. $next. Please sign in to see more. -CGHSTC",
            "$day का टोकन $token रद्द। $next। -CGHSTC",
            {"token": TOKEN, "day": "23-11-2026", "next": ("New token MED-999 for 23-11", "23-11: नया टोकन MED-999")},
            purpose=lambda: _("So that you do not wait in vain."),
            life=3 * DAY,
            waits="before_opening",
            is_phoned=True,
        ),
        MessageKind(
            "not_held",
            lambda: _("Closed without a consultation"),
            "Token $token is closed without a consultation. Sign in to see the reason or request a new token. -CGHSTC",
            "टोकन $token बंद, परामर्श नहीं हुआ। लॉगिन करके कारण देखें। -CGHSTC",
            {"token": TOKEN},
            purpose=lambda: _("So that you do not wait in vain."),
            is_phoned=True,
        ),
        MessageKind(
            "no_show",
            lambda: _("Not reached"),
            "Token $token is closed: you could not be reached. Please sign in and request a new token. -CGHSTC",
            "टोकन $token बंद: आपसे बात न हो सकी। नया टोकन लें। -CGHSTC",
            {"token": TOKEN},
            purpose=lambda: _("You need a new token."),
            is_phoned=True,
        ),
        MessageKind(
            "announcement",
            lambda: _("Announcement"),
            "Tele-OPD: $text. Please see your page for more. -CGHSTC",
            "टेली-ओपीडी: $text। पूरी बात पेज पर। -CGHSTC",
            {"text": ("Technical problem, please wait", "तकनीकी समस्या है, कृपया रुकें।")},
            purpose=lambda: _("When the doctor is late, or the clinic has a problem."),
            is_optional=True,
        ),
        MessageKind(
            "registered",
            lambda: _("Registration"),
            "Registration done. Your patient ID is $patient_id. Sign in on a working day to request a token. -CGHSTC",
            "पंजीकरण हो गया। आपकी मरीज़ आईडी $patient_id है। -CGHSTC",
            {"patient_id": PATIENT_ID},
            purpose=lambda: _("Your patient ID, once after registration."),
            life=3 * DAY,
            waits="morning",
            is_optional=True,
        ),
        MessageKind(
            "plugin_failed",
            lambda: _("A plugin fails"),
            "Tele-OPD: the plugin $plugin keeps failing. Please look at the administration pages. -CGHSTC",
            "प्लगइन $plugin बार-बार रुक रहा है। कृपया देखें। -CGHSTC",
            {"plugin": "esanjeevani_bridge"},
        ),
        MessageKind(
            "test",
            lambda: _("Test message"),
            "This is a test message of tele-OPD, sent at $time. -CGHSTC",
            "टेली-ओपीडी का जाँच संदेश, समय $time। -CGHSTC",
            {"time": "23:59"},
        ),
    )
}
SECRET = tuple(key for key, kind in KINDS.items() if kind.is_secret)


def in_words() -> dict[str, str]:
    """Map each kind to its name on pages."""
    return {key: kind.word() for key, kind in KINDS.items()}


def optional() -> dict[str, str]:
    """Map the kinds that can be switched off to their purpose."""
    return {key: kind.purpose() for key, kind in KINDS.items() if kind.is_optional}


def always() -> dict[str, str]:
    """Map the kinds that are always sent to the reason."""
    return {key: kind.purpose() for key, kind in KINDS.items() if kind.purpose is not nowhere and not kind.is_optional}


def that_wait(waits: str) -> list[str]:
    """List the names of the kinds that are postponed in this way by quiet hours."""
    return [kind.word() for kind in KINDS.values() if kind.waits == waits]


def phoned_about() -> list[str]:
    """List the kinds that somebody phones about after a failed delivery."""
    return [key for key, kind in KINDS.items() if kind.is_phoned]
