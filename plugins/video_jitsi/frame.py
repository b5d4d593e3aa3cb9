"""Options of Jitsi's script: none of its own ways in or out, low resolution, the reader's language."""

from typing import Any

from .models import JitsiSeat
from .settings import Settings

# 360 lines show a face well within a phone's bandwidth; calls start lower and adapt.
PICTURE = {"height": {"ideal": 240, "max": 360, "min": 120}, "frameRate": {"max": 20}}
BUTTONS = ["settings"]  # the rest is in our own frame, large and labelled


def options(settings: Settings, seat: JitsiSeat, language: str) -> dict[str, Any]:
    """Build the options of JitsiMeetExternalAPI, without the token, which is fetched at the click."""
    return {
        "host": settings.host,
        "secure": settings.server.startswith("https"),
        "room": settings.room_path(seat.room.name),
        "lang": language,
        "config": _config(is_doctor=seat.role == "doctor"),
        "interface": {"SHOW_CHROME_EXTENSION_BANNER": False},
    }


def _config(*, is_doctor: bool) -> dict[str, Any]:
    return {
        # Join at once, in this page, never in an app.
        "prejoinConfig": {"enabled": False},
        "prejoinPageEnabled": False,
        "disableDeepLinking": True,
        "requireDisplayName": False,
        # No recording, no third-party requests.
        "disableThirdPartyRequests": True,
        "doNotStoreRoom": True,
        "analytics": {"disabled": True},
        "localRecording": {"disable": True},
        "liveStreaming": {"enabled": False},
        "transcription": {"enabled": False},
        # Low bandwidth: low resolution, one remote video at most, peer to peer where possible.
        "resolution": 240,
        "constraints": {"video": PICTURE},
        "channelLastN": 2,
        "p2p": {"enabled": True},
        # Two people who know each other: no invitations, polls, profiles, no second way to leave.
        "toolbarButtons": BUTTONS,
        "disableInviteFunctions": True,
        "disableProfile": True,
        "disablePolls": True,
        "disableReactions": True,
        "hideConferenceSubject": True,
        "hideConferenceTimer": True,
        "disableRemoteMute": not is_doctor,
        "remoteVideoMenu": {"disableKick": True, "disableGrantModerator": True},
        "securityUi": {"hideLobbyButton": True},
    }
