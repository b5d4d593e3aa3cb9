"""Texts about referrals. None names the specialty: the mobile is the family's, and the page says it."""

from datetime import timedelta

from portal.base.language import gettext as _
from portal.core.messages.catalogue.kind import DAY, MessageKind

NUMBER, LATER = "REF-000123", "23-11-2026"
REFERRALS = (
    MessageKind(
        "referral",
        lambda: _("Referral"),
        "You are referred to a specialist: $number, valid until $day. Sign in to tele-OPD for a token. -CGHSTC",
        "रेफ़रल $number बना, $day तक चलेगा। टोकन लें। -CGHSTC",
        {"number": NUMBER, "day": LATER},
        purpose=lambda: _("When the medical officer of your centre refers you to a specialist."),
        life=3 * DAY,
        waits="morning",
        is_optional=True,
    ),
    MessageKind(
        "referral_ending",
        lambda: _("Referral ends soon"),
        "Referral $number ends on $day. Sign in to tele-OPD and request a token before that. -CGHSTC",
        "रेफ़रल $number अब $day तक ही चलेगा। टोकन लें। -CGHSTC",
        {"number": NUMBER, "day": LATER},
        purpose=lambda: _("Some days before a referral ends that you have not used up."),
        life=3 * DAY,
        waits="morning",
        is_optional=True,
    ),
    MessageKind(
        "follow_up",
        lambda: _("Follow-up"),
        "Your follow-up with the doctor is on $day and $next. Sign in that day to request a token. -CGHSTC",
        "दोबारा परामर्श $day को। $next। टोकन लें। -CGHSTC",
        {"day": LATER, "next": ("needs a new referral first", "पहले नया रेफ़रल लें")},
        purpose=lambda: _("On the day before a doctor wants to see you again."),
        life=timedelta(hours=36),
        waits="morning",
        is_optional=True,
    ),
    MessageKind(
        "request_answered",
        lambda: _("Request for a referral answered"),
        "Your request of $day for a referral is answered. Sign in to tele-OPD to read the answer. -CGHSTC",
        "$day को माँगे रेफ़रल का जवाब आया। लॉगिन करके पढ़ें। -CGHSTC",
        {"day": LATER},
        purpose=lambda: _("When the medical officer answers without a referral."),
        life=3 * DAY,
        waits="morning",
        is_optional=True,
    ),
    MessageKind(
        "referral_withdrawn",
        lambda: _("Referral withdrawn"),
        "Referral $number is withdrawn. Sign in to tele-OPD to read why, or ask your wellness centre. -CGHSTC",
        "रेफ़रल $number वापस लिया गया। कारण के लिए लॉगिन करें। -CGHSTC",
        {"number": NUMBER},
        purpose=lambda: _("No new token is given on a withdrawn referral."),
        life=3 * DAY,
        waits="morning",
        is_phoned=True,
    ),
)
