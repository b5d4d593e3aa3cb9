"""The plugin keeps the contract of all plugins."""

from typing import Any, ClassVar

import portal_plugins.notify_webpush

from portal.testing import PluginContract


class TestNotices(PluginContract):
    """It calls servers only when somebody has switched notices on."""

    plugin = portal_plugins.notify_webpush
    settings: ClassVar[dict[str, Any]] = {"push_hosts": "fcm.googleapis.com\n*.push.apple.com"}
    wrong: ClassVar[dict[str, Any]] = {"seconds": "0", "contact": "nobody", "push_hosts": "https://x"}
