"""Examples installed by pip into a running system: sign-in, laboratory, eligibility; the other side is a program."""

import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.day import papers
from tests.day.cast import ask_for_token, on_duty, refer, register, sign_in, status_of
from tests.day.reader import Person
from tests.day.test_plain_http_day import MEDICINES, NOTES
from tests.scripted import Asked, Scripted, Step, scripted_server
from tests.servers import ROOT, Portal, free_port, running_portal, wait_for
from tests.third_party import install_example

OIDC = ROOT / "examples" / "paramarsh-oidc"
SECRET = "a secret for the tests of the portal"
PROVIDER = free_port()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder in which npm's oidc-provider is installed."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node is not installed")
    if "OIDC_PROVIDER" in os.environ:
        return os.environ["OIDC_PROVIDER"]
    place = tmp_path_factory.mktemp("npm")
    (place / "package.json").write_text("{}")
    if subprocess.run(
        ["npm", "install", "--silent", "oidc-provider@9"], cwd=place, check=False, timeout=240
    ).returncode:
        pytest.skip("npm has no network")
    return str(place)


@pytest.fixture(scope="module")
def portal(folder: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The demo, with the settings of the plugin in the environment."""
    own = {"ISSUER": f"http://127.0.0.1:{PROVIDER}", "CLIENT_ID": "portal", "CLIENT_SECRET": SECRET}
    environ = {f"PORTAL_PARAMARSH_OIDC_{key}": value for key, value in own.items()}
    inside = {"PORTAL_INTERNAL_HOSTS": f"127.0.0.1:{PROVIDER}"}
    with running_portal(tmp_path_factory.mktemp("portal"), **environ, **inside) as running:
        yield running


@contextmanager
def provider(folder: str, portal: Portal) -> Iterator[None]:
    words = ["node", str(OIDC / "tests" / "provider.mjs"), folder, str(PROVIDER), f"{portal.url}/x/paramarsh_oidc/back"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert "ready" in process.stdout.readline()
            yield
        finally:
            process.terminate()


def restart(portal: Portal) -> None:
    """Have the plugins found that were installed meanwhile."""
    for name in ("serve", "worker"):
        portal.stop(name)
        portal.start(name)
    wait_for(portal.is_ready, "the portal to be back")


def press(browser: httpx.Client, address: str, page: str, **form: str) -> httpx.Response:
    """Open a page and submit a form with its token."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)[1]
    return browser.post(address, data=form | {"csrf_token": token})


def test_a_doctor_signs_in_at_the_provider_once_an_administrator_has_named_the_identity(portal, folder, tmp_path):
    portal.environ["PYTHONPATH"] = str(install_example(tmp_path, OIDC))
    restart(portal)
    with provider(folder, portal), httpx.Client(base_url=portal.url, headers={"Origin": portal.url}) as admin:
        press(admin, "/staff/login", "/staff/login", username="admin", password="demo-paramarsh")
        assert press(admin, "/admin/plugins/paramarsh_oidc/enable", "/admin/plugins").status_code == 303
        listed = admin.get("/admin/staff?role=doctor").text
        page = re.search(r"/admin/staff/[\w-]{22}", listed)[0] + "/identities"
        form = {"plugin": "paramarsh_oidc", "known_as": "asha@hospital.example"}
        assert press(admin, page, page, **form).status_code == 303
        with httpx.Client(follow_redirects=True, headers={"x-person": "sub-asha"}) as doctor:
            there = doctor.get(f"{portal.url}/x/paramarsh_oidc/start")
            assert (there.status_code, str(there.url)) == (200, f"{portal.url}/board")
        with httpx.Client(follow_redirects=True, headers={"x-person": "sub-guest"}) as stranger:
            assert stranger.get(f"{portal.url}/x/paramarsh_oidc/start").status_code == 403
        assert "show" in portal.command("plugin", "run", "paramarsh_oidc").stdout
        shown = portal.command("plugin", "run", "paramarsh_oidc", "show").stdout
        assert f"redirect: {portal.url}/x/paramarsh_oidc/back" in shown


@pytest.fixture
def outside() -> Iterator[Scripted]:
    """The laboratory and the eligibility service, at one address."""
    with scripted_server() as server:
        server.answer = answer_of
        yield server


@pytest.fixture
def clinic(outside: Scripted, tmp_path: Path) -> Iterator[Portal]:
    """The demo with the settings of both plugins in the environment; they are installed while it runs."""
    own = {
        "PARAMARSH_LAB_URL": outside.url,
        "PARAMARSH_LAB_SECRET": SECRET,
        "PARAMARSH_ELIGIBILITY_URL": f"{outside.url}/eligible",
        "PARAMARSH_ELIGIBILITY_KEY": "a key of the service",
        "PARAMARSH_ELIGIBILITY_OFFICE": "CGHS office, Sector 12",
        "INTERNAL_HOSTS": outside.url.removeprefix("http://"),
    }
    with running_portal(tmp_path / "data", **{f"PORTAL_{key}": value for key, value in own.items()}) as running:
        for name in ("paramarsh-lab", "paramarsh-eligibility"):
            running.environ["PYTHONPATH"] = str(install_example(tmp_path, ROOT / "examples" / name))
        assert "paramarsh_lab" in running.command("plugin", "migrate", "paramarsh_lab").stdout
        restart(running)
        with httpx.Client(base_url=running.url, headers={"Origin": running.url}) as admin:
            press(admin, "/staff/login", "/staff/login", username="admin", password="demo-paramarsh")
            for name in ("paramarsh_lab", "paramarsh_eligibility"):
                assert press(admin, f"/admin/plugins/{name}/enable", "/admin/plugins").status_code == 303
        yield running


PDF = papers.report()
PAID: list[bool] = []


def answer_of(asked: Asked) -> Step:
    """Answer as the two services do: the contribution is open until it is paid."""
    if asked.path == "/eligible":
        told = {"eligible": True} if PAID else {"eligible": False, "reason": "unpaid"}
        return Step(body=json.dumps(told).encode())
    return Step(body=PDF if asked.path.startswith("/reports/") else b"{}")


def test_a_refused_token_is_given_once_it_is_paid_and_results_come_back_to_the_doctor(clinic, outside):
    patient = sign_in(clinic, "9000000001")
    register(patient, "1000001", "1985-05-05")
    refer(clinic, "1000001")
    with pytest.raises(AssertionError, match="contribution for this card is open"):
        ask_for_token(patient)
    assert "CGHS office, Sector 12" in patient.follow("What to do now").text
    PAID.append(True)
    page = patient.open("/home").tree.xpath("//a[starts-with(@href, '/people/')]/@href")[0]
    patient.open(page).press("Save", {"sharing": "yes"})
    visit = ask_for_token(patient)
    doctor = on_duty(clinic)
    doctor.press("Call next")
    patient.open(f"/visits/{visit}").press("Call now", follow=False)
    patient.open(f"/visits/{visit}/room")
    doctor.open(f"/visits/{visit}/consult").press("Issue prescription", NOTES | MEDICINES, follow=False)
    assert doctor.status == 303, doctor.errors
    order = wait_for(lambda: next((one for one in outside.ledger if one.path == "/orders"), None), "the order").json
    assert order["lines"] == [
        {"text": "Serum creatinine", "system": "http://loinc.org", "code": "2160-0"},
    ]
    result = {"name": "Serum creatinine", "value": "1.9", "unit": "mg/dL", "range": "0.7 - 1.3", "flag": "high"}
    assert tell(clinic, {"order": order["order"], "results": [result], "has_report": True}) == 202
    panels = Person.open(doctor, f"/visits/{visit}/panels").text
    assert all(words in panels for words in ("Laboratory", "Serum creatinine", "1.9 mg/dL"))
    listed = f"/visits/{visit}/records"
    wait_for(lambda: "laboratory.pdf" in doctor.open(listed).text, "the report among the records")
    assert status_of(patient, visit)["state"] == "in_call"


def tell(portal: Portal, told: dict[str, object]) -> int:
    """Send results with their signature; return the status."""
    body, stamp = json.dumps(told).encode(), str(int(time.time()))
    signature = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"X-Timestamp": stamp, "X-Signature": signature}
    return httpx.post(f"{portal.url}/x/paramarsh_lab/results", content=body, headers=headers).status_code
