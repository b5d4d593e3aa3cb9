"""Texts about a mobile that a desk corrected. None names anybody: the old number may be a stranger's by now."""

from portal.base.language import gettext as _
from portal.core.messages.catalogue.kind import DAY, MessageKind

CENTRE, UNTIL = "01", "23-11 10:40"
MOBILES = (
    MessageKind(
        "mobile_left",
        lambda: _("Mobile number changed: to the old one"),
        "Centre $centre moved a tele-OPD patient from this number to another. Not you? "
        "Sign in by $until and stop it. -CGHSTC",
        "केंद्र $centre: आपका नंबर बदला। आपने नहीं? $until तक रोकें। -CGHSTC",
        {"centre": CENTRE, "until": UNTIL},
        purpose=lambda: _("So that nobody takes your number away without your knowing."),
        life=DAY,
        is_phoned=True,
    ),
    MessageKind(
        "mobile_joined",
        lambda: _("Mobile number changed: to the new one"),
        "Centre $centre noted this number for a tele-OPD patient. Prescriptions and records open from $until. -CGHSTC",
        "केंद्र $centre: अब यह आपका नंबर है। पर्चे $until से। -CGHSTC",
        {"centre": CENTRE, "until": UNTIL},
        purpose=lambda: _("So that you know from when the new number opens everything."),
        life=DAY,
    ),
    MessageKind(
        "mobile_stopped",
        lambda: _("Change of a mobile number stopped"),
        "The change of a tele-OPD patient's mobile at centre $centre was stopped. "
        "Please go there with the card. -CGHSTC",
        "केंद्र $centre: नंबर बदलना रोका गया। कार्ड लेकर आएँ। -CGHSTC",
        {"centre": CENTRE},
        purpose=lambda: _("So that both numbers know that it is as it was before."),
        life=3 * DAY,
    ),
)
