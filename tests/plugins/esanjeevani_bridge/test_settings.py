"""Settings of the bridge: invalid ones are refused with the field."""

import pytest
from portal_plugins.esanjeevani_bridge.settings import Settings

from portal.plugin_host import plugin_settings


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"fhir_url": "https://127.0.0.1/fhir"}, "fhir_url"),
        ({"fhir_url": "file:///etc/passwd"}, "fhir_url"),
        ({"fhir_url": "http://fhir.example.in"}, "fhir_url"),
        ({"sanjeevani_url": "https://169.254.169.254"}, "sanjeevani_url"),
        ({"token_url": "https://x.in/t"}, ""),
        ({"webhook_secret": "short"}, "webhook_secret"),
        ({"pull": True}, ""),
        ({"per_minute": 0}, "per_minute"),
        ({"namespace": "opd.example.in"}, "namespace"),
        ({"namespace": "https://x in"}, "namespace"),
        ({"sanjeevani_url": "https://x.in"}, ""),
        ({"launch_url": "https://user:word@x.in"}, "launch_url"),
    ],
)
def test_invalid_settings_are_refused_with_the_field(db, values, field):
    """S41: no private address, no half of a pair."""
    assert list(plugin_settings.problems_of(Settings, values)) == [field]


def test_without_settings_the_plugin_can_be_on(db):
    assert plugin_settings.problems_of(Settings, {}) == {}
