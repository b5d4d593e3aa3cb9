"""What our page tells Jitsi's script: no doors of Jitsi's own, small pictures, the reader's language."""

from typing import Any

from .models import JitsiSeat
from .settings import Settings

# A picture of 360 lines shows a face well and bears a phone's line; calls start lower and go up by themselves.
PICTURE = {"height": {"ideal": 240, "max": 360, "min": 120}, "frameRate": {"max": 20}}
BUTTONS = ["microphone", "camera", "toggle-camera", "chat", "settings"]


def options(settings: Settings, seat: JitsiSeat, language: str) -> dict[str, Any]:
    """The options of JitsiMeetExternalAPI, without the token: that is fetched at the click."""
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
        # Straight into the call, in this page, never in an app.
        "prejoinConfig": {"enabled": False},
        "prejoinPageEnabled": False,
        "disableDeepLinking": True,
        "requireDisplayName": False,
        # Nothing is kept, nobody else is asked.
        "disableThirdPartyRequests": True,
        "doNotStoreRoom": True,
        "analytics": {"disabled": True},
        "localRecording": {"disable": True},
        "liveStreaming": {"enabled": False},
        "transcription": {"enabled": False},
        # Weak lines: small pictures, one other picture at most, straight between the two where that works.
        "resolution": 240,
        "constraints": {"video": PICTURE},
        "channelLastN": 2,
        "p2p": {"enabled": True},
        # Two people who know each other: no invitations, polls, profiles, no second way to end.
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
