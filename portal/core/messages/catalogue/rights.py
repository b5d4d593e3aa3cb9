"""Texts about people's rights over their data. None says what a case is about: the mobile is the family's."""

from portal.base.language import gettext as _
from portal.core.messages.catalogue.kind import DAY, MessageKind

NUMBER = "G-2026-000123"
RIGHTS = (
    MessageKind(
        "case_answered",
        lambda: _("Grievance or request answered"),
        "Your case $number is answered. Sign in to tele-OPD to read the answer. -CGHSTC",
        "मामला $number: जवाब आ गया है। लॉगिन करके पढ़ें। -CGHSTC",
        {"number": NUMBER},
        purpose=lambda: _("When a grievance or request of yours is answered."),
        life=3 * DAY,
        waits="morning",
    ),
    MessageKind(
        "record_opened",
        lambda: _("Record opened by the administration"),
        "Tele-OPD: the administration has opened your record for a stated reason. Sign in to see who. -CGHSTC",
        "आपका रिकॉर्ड प्रशासन ने खोला। किसने, यह पेज पर देखें। -CGHSTC",
        {},
        purpose=lambda: _("When an administrator opens your record, which needs a reason."),
        life=3 * DAY,
        waits="morning",
    ),
    MessageKind(
        "account_closed",
        lambda: _("Account closed"),
        "Case $number: your tele-OPD account is closed. The law keeps the record until $day, not longer. -CGHSTC",
        "मामला $number: खाता बंद। रिकॉर्ड $day तक रहेगा। -CGHSTC",
        {"number": NUMBER, "day": "23-11-2029"},
        purpose=lambda: _("When your account is closed because you asked for it."),
        life=3 * DAY,
    ),
)
