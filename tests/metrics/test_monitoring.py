"""The example dashboard and alert rules in deploy/monitoring: every series exists, every alert fires for what it says.

The values are those of real scrapes; promtool evaluates the rules over them as Prometheus does.
"""

import json
import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from portal.core.prescriptions.models import Prescription
from portal.keeping.models import Backup
from portal.settings.backups import BackupRules
from portal.store import disk
from portal.store.db import write
from portal.work import damage, events, heartbeat, jobs
from portal.work.audit import SYSTEM
from portal.work.events import Event
from tests.consulting import make_prescription
from tests.factories import make_visit
from tests.fakes import NobodyCares
from tests.metrics.scraped import Scraped, known_names, scrape
from tests.metrics.test_work import make_message
from tests.servers import need

FOLDER = Path(__file__).parents[2] / "deploy" / "monitoring"
RULES = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
ALERTS = {rule["alert"]: rule for rule in RULES}
NAME = re.compile(r"\b(portal_[a-z_]+|up)\b")
NAMED = {name for rule in RULES for name in NAME.findall(rule["expr"])}  # others would only cost promtool time
pytestmark = pytest.mark.one_engine  # what is scraped is tested on both; the rules read only that


def expressions() -> list[str]:
    """Return every expression of the dashboard."""
    panels = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def promtool(folder: Path, action: str, content: object) -> subprocess.CompletedProcess[str]:
    """Run `promtool <action> rules` on a file with this content."""
    need("promtool", "the alert rules are not evaluated")
    path = folder / "rules.yml"
    path.write_text(json.dumps(content))
    line = ["promtool", action, "rules", str(path)]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=600)


def series_of(found: Scraped) -> dict[str, str]:
    """Return each series of a scrape, with the same value for four hours, as promtool notates it.

    The counts by route stay out: unchanged, they raise nothing, and a process that has run a few thousand tests has a
    thousand of them, over which promtool takes twenty seconds.
    """
    values = {
        f"{name}{{{','.join(f'{key}={json.dumps(text)}' for key, text in sorted(labels))}}}": f"{value:.3f}+0x240"
        for (name, labels), value in found._values.items()
        if not name.startswith(("portal_request", "portal_polls"))
    }
    return {"up{job='paramarsh'}": "1+0x240"} | values


@pytest.fixture
def firing(client, tmp_path):
    """firing(*names, **series): exactly these alerts fire, for the portal as it is, or with these series."""

    def check(*names: str, at: str = "3h", series: dict[str, str] | None = None) -> None:
        found = series_of(scrape(client)) | (series or {})
        expected = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(names)]
        asked = {"expr": 'max by (alertname) (ALERTS{alertstate="firing"})', "eval_time": at, "exp_samples": expected}
        inputs = [{"series": name, "values": values} for name, values in found.items() if NAME.search(name)[0] in NAMED]
        test = {"interval": "1m", "input_series": inputs, "promql_expr_test": [asked]}
        rules = {"rule_files": [str(FOLDER / "alerts.yml")], "evaluation_interval": "1m", "tests": [test]}
        ran = promtool(tmp_path, "test", rules)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    return check


@pytest.fixture
def healthy(db, monkeypatch):
    """A portal with a worker that lives for the whole test: its age is real time, and promtool may run for long."""
    monkeypatch.setattr(heartbeat, "SILENT_AFTER", timedelta(hours=1))
    heartbeat.Heart().beat(has_queue=True)


def test_every_series_of_dashboard_and_alerts_exists(client, db):
    named = {name for text in expressions() for name in NAME.findall(text)}
    found = scrape(client)
    offered = set(found.families) | known_names() | {"up"}
    assert (named | NAMED) - offered == set()


def test_the_dashboard_shows_every_series_of_the_portal(client, db):
    shown = {name for text in expressions() for name in NAME.findall(text)}
    shown = {name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_total") for name in shown}
    offered = {name for name in scrape(client).families if not name.endswith("_created")}
    assert offered - shown == {"portal_info", "portal_backup_wanted"}


def test_every_expression_of_the_dashboard_is_promql(tmp_path):
    found = [text.replace("$__rate_interval", "1m") for text in expressions()]
    rules = [{"record": f"panel_{number}", "expr": text} for number, text in enumerate(found)]
    ran = promtool(tmp_path, "check", {"groups": [{"name": "dashboard", "rules": rules}]})
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_alert_says_what_is_wrong_and_what_to_do():
    for name, rule in ALERTS.items():
        assert rule["labels"]["severity"] in {"page", "ticket"}, name
        assert rule["annotations"]["summary"].endswith((".", "?", "}}.")), name
        assert rule["annotations"]["action"], name


def test_the_example_of_a_scrape_is_one_that_prometheus_takes():
    need("promtool", "the scrape is not looked at")
    line = ["promtool", "check", "config", "prometheus.yml"]
    assert subprocess.run(line, cwd=FOLDER, capture_output=True, check=False).returncode == 0


def test_a_healthy_portal_raises_no_alert(firing, healthy):
    firing()


def test_a_dead_worker_raises_the_alarm(firing, db):
    firing("WorkerDead", "Trouble")


def test_a_web_server_that_does_not_answer_raises_the_alarm(firing, healthy):
    firing("PortalDown", series={"up{job='paramarsh'}": "0+0x240"})


def test_a_database_that_cannot_be_read_raises_the_alarm(firing, healthy, monkeypatch):
    from portal.metrics import views

    def away(now):
        raise OSError

    monkeypatch.setitem(views.PARTS, "texts", away)
    firing("MetricsNotRead")


def test_failing_sms_raise_the_alarm(firing, healthy, now):
    for _ in range(5):
        make_message(now, state="failed", provider="sms_gateway/kannel")
    for _ in range(20):
        make_message(now, state="delivered", provider="sms_gateway/kannel")
    firing("SmsFailing")
    make_message(now, state="delivered", provider="sms_gateway/exotel")
    firing()


def test_a_text_that_nobody_sends_raises_the_alarm(firing, healthy, now, clock):
    make_message(now)
    clock.tick(61)
    firing("SmsLate")


def test_a_full_disk_raises_the_alarm(firing, healthy, monkeypatch):
    monkeypatch.setattr(disk, "free", lambda: disk.low_mark() - 1)
    firing("DiskFull", "DiskFills", "Trouble")


def test_a_disk_that_fills_raises_the_alarm_days_before(firing, healthy):
    day = 10**11 // 1440
    firing("DiskFills", series={"portal_disk_free_bytes{}": f"{2 * 10**11}-{day}x240"})


def test_an_unmade_pdf_raises_the_alarm(firing, healthy, usual_medicines, now, clock):
    make_prescription(now)
    clock.tick(301)
    Event.update(next_at=None, delivered_at=now).execute()
    firing("PdfsUnmade", "Trouble")
    Prescription.update(stored_at=now, sha256="0" * 64).execute()
    firing()


def test_an_undelivered_event_and_a_dead_one_raise_the_alarm(firing, healthy, now, clock):
    with write():
        event = events.record(NobodyCares(), "x", by=SYSTEM, now=now)
    clock.tick(601)
    firing("EventsLate", "Trouble")
    Event.update(next_at=None, dead_at=now).where(Event.id == event.id).execute()
    firing("EventsDead", "Trouble")


def test_a_queue_that_nobody_reads_raises_the_alarm(app, firing, healthy, clock, monkeypatch):
    monkeypatch.setitem(jobs.JOBS, "remember", lambda row_id, now: None)
    app.extensions["portal.hand_over"]("remember", 1)
    clock.tick(121)
    firing("QueueLate")


def test_an_old_backup_raises_the_alarm_and_so_does_none(firing, healthy, now, clock, monkeypatch):
    firing()
    monkeypatch.setattr(BackupRules, "in_force", lambda: BackupRules(backup_place="/backups"))
    firing("BackupOld", "Trouble")
    Backup.create(taken_at=now, finished_at=now, place="/backups/x.tar", size=1, files=0, verified=True)
    clock.tick(24 * 3600)
    firing()
    clock.tick(3601)
    firing("BackupOld", "Trouble")


def test_a_damaged_file_raises_the_alarm(firing, healthy, now):
    damage.note("record", "A" * 22, is_intact=False, now=now)
    firing("FilesDamaged", "Trouble")


def test_connections_that_run_out_raise_the_alarm(firing, healthy):
    used = {f'portal_database_connections{{state="{state}"}}': "46+0x240" for state in ("active", "idle")}
    firing("ConnectionsUsedUp", series=used | {"portal_database_connections_limit{}": "100+0x240"})


def test_pages_that_fail_or_are_slow_raise_the_alarm(firing, healthy):
    labels = 'method="GET",route="/home"'
    counts = {
        f'portal_requests_total{{{labels},status="200"}}': "0+1000x240",
        f'portal_requests_total{{{labels},status="500"}}': "0+20x240",
    }
    buckets = {"0.5": 800, "1.0": 900, "2.5": 1000, "+Inf": 1000}
    slow = {
        f'portal_request_seconds_bucket{{le="{le}",route="/home"}}': f"0+{rate}x240" for le, rate in buckets.items()
    }
    firing("PagesFail", "PagesSlow", series=counts | slow)


def test_somebody_whom_nobody_calls_raises_the_alarm(firing, healthy, clock):
    make_visit()
    clock.tick(timedelta(hours=3, minutes=1).total_seconds())
    firing("NobodyCalls")


def test_every_alert_of_the_file_is_raised_by_a_test_above():
    calls = re.findall(r"firing\((\".*)", Path(__file__).read_text())
    assert set(ALERTS) - {name for call in calls for name in re.findall(r'"(\w+)"', call)} == set()
