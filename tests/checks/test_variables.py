"""Misspelt variables, and that each line vanishes with its cure."""

from dataclasses import replace

import pytest

from portal.checks import variables
from tests.checks.looking import said


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("PORTAL_DATABSE_URL", "PORTAL_DATABASE_URL"),
        ("PORTAL_TRUSTED_PROXY", "PORTAL_TRUSTED_PROXIES"),
        ("PORTAL_CLINIC_CALL_SECOND", "PORTAL_CLINIC_CALL_SECONDS"),
        ("PORTAL_VIDEO_WEBRTC_TURN_SECRETS", "PORTAL_VIDEO_WEBRTC_TURN_SECRET"),
        ("PORTAL_SIGNING_TIME_STAMP", "PORTAL_SIGNING_TIMESTAMP"),
    ],
)
def test_a_misspelt_variable_is_named_with_the_one_that_is_meant(config, typed, meant):
    wrong = replace(config, environ={typed: "1"})
    assert f"Write {meant}, if that is meant." in said(variables.variables, wrong)
    assert said(variables.variables, replace(config, environ={meant: "1"})) == ""


def test_variables_of_other_programs_and_files_of_settings_are_no_finding(config):
    others = {"PATH": "/bin", "PORTAL_CLINIC_HELPLINE_FILE": "/x", "PORTAL_SMS_GATEWAY_KANNEL_PASSWORD_FILE": "/x"}
    assert said(variables.variables, replace(config, environ=others)) == ""
    unknown = replace(config, environ={"PORTAL_QWX": "1"})
    assert "look it up in docs/operations.md" in said(variables.variables, unknown)
