"""Configuration: an invalid value is an error that names the variable."""

import sys

import pytest

from portal.config import ConfigError, load

KEY = "k" * 40


def test_outside_demo_mode_a_secret_key_is_required(tmp_path):
    with pytest.raises(ConfigError, match="PORTAL_SECRET_KEY is missing"):
        load({"PORTAL_DATA_DIR": str(tmp_path)})


def test_a_demo_generates_its_key_once(tmp_path):
    first, second = (load({"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_DEMO": "1"}) for _ in range(2))
    assert first.secret_key == second.secret_key
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_a_demo_refuses_a_public_address(tmp_path):
    with pytest.raises(ConfigError, match="PORTAL_DEMO_PUBLIC"):
        load({"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_DEMO": "1", "PORTAL_BIND": "0.0.0.0:8000"})


def test_plain_http_is_for_loopback_only(tmp_path):
    with pytest.raises(ConfigError, match="PORTAL_BASE_URL must begin with https"):
        load({"PORTAL_SECRET_KEY": KEY, "PORTAL_BIND": "0.0.0.0:80", "PORTAL_BASE_URL": "http://opd.example.in"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_BIND", "8000"),
        ("PORTAL_BIND", "127.0.0.1:99999"),
        ("PORTAL_BIND", "127.0.0.1:²"),
        ("PORTAL_BIND", "127.0.0.1:८०००"),
        ("PORTAL_BASE_URL", "ftp://x"),
        ("PORTAL_BASE_URL", "https://x/path"),
        ("PORTAL_SECRET_KEY", "short"),
        ("PORTAL_DATABASE_URL", "mysql://x"),
        ("PORTAL_REDIS_URL", "http://x"),
        ("PORTAL_CLAMAV", "clamav"),
        ("PORTAL_WEB_WORKERS", "0"),
        ("PORTAL_WEB_WORKERS", "many"),
        ("PORTAL_WEB_WORKERS", "२"),
        ("PORTAL_WEB_WORKERS", "9" * 5000),
        ("PORTAL_TRUSTED_PROXIES", "all"),
        ("PORTAL_DEMO", "perhaps"),
        ("PORTAL_CLOCK", "2026-11-23T09:30:00+05:30"),
    ],
)
def test_a_wrong_value_is_named(name, value):
    with pytest.raises(ConfigError, match=name):
        load({"PORTAL_SECRET_KEY": KEY, name: value})


def test_a_demo_clock_needs_an_offset():
    with pytest.raises(ConfigError, match="offset"):
        load({"PORTAL_DEMO": "1", "PORTAL_SECRET_KEY": KEY, "PORTAL_CLOCK": "2026-11-23T09:30:00"})


def test_demo_switches_are_ignored_outside_the_demo():
    config = load({"PORTAL_SECRET_KEY": KEY, "PORTAL_DEMO_ALL_DAY": "1", "PORTAL_CRASH_AT": "x"})
    assert (config.demo_all_day, config.demo_limits, config.crash_at) == (False, True, None)


@pytest.mark.parametrize(
    ("name", "value", "driver", "extra"),
    [
        ("PORTAL_DATABASE_URL", "postgresql://portal@localhost/portal", "psycopg", "postgres"),
        ("PORTAL_REDIS_URL", "redis://localhost", "redis", "redis"),
    ],
)
def test_a_missing_driver_is_a_config_error_with_the_remedy(name, value, driver, extra, monkeypatch):
    """A wheel installed without extras once ended in a traceback about psycopg2."""
    monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(ConfigError, match=rf"{name} .* pip install 'paramarsh\[{extra}\]'"):
        load({"PORTAL_SECRET_KEY": KEY, name: value})


def test_an_address_past_the_pool_belongs_to_one_of_postgresql(tmp_path):
    own = {"PORTAL_SECRET_KEY": "k" * 40, "PORTAL_DATA_DIR": str(tmp_path)}
    pool, direct = "postgresql://portal@10.0.0.5:6432/portal", "postgresql://portal@10.0.0.5/portal"
    assert not load(own | {"PORTAL_DATABASE_URL": pool}).is_pooled
    both = load(own | {"PORTAL_DATABASE_URL": pool, "PORTAL_DATABASE_DIRECT_URL": direct})
    assert both.is_pooled
    assert (both.past_pool().database_url, both.past_pool().is_pooled) == (direct, False)
    for wrong in (
        {"PORTAL_DATABASE_DIRECT_URL": direct},
        {"PORTAL_DATABASE_URL": pool, "PORTAL_DATABASE_DIRECT_URL": "x"},
    ):
        with pytest.raises(ConfigError, match="PORTAL_DATABASE_DIRECT_URL"):
            load(own | wrong)


@pytest.mark.parametrize("wrong", ["folder", "s3://", "s3://UPPER", "https://s3.example.in/files", "file://relative"])
def test_an_address_that_is_no_store_stops_the_start(tmp_path, wrong):
    own = {"PORTAL_SECRET_KEY": "k" * 40, "PORTAL_DATA_DIR": str(tmp_path)}
    with pytest.raises(ConfigError, match="PORTAL_STORE_URL"):
        load(own | {"PORTAL_STORE_URL": wrong})
    assert load(own | {"PORTAL_STORE_URL": "s3://opd-files/clinic/"}).store_url == "s3://opd-files/clinic"
