"""The audited actions of the bridge to other systems, in words."""

from portal.base.language import gettext as _


def of_bridge() -> dict[str, str]:
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
