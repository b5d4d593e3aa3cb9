"""An example that needs another program, installed by pip into a running system: staff sign in by OpenID Connect."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

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


def press(browser: httpx.Client, address: str, page: str, **form: str) -> httpx.Response:
    """Open a page and submit a form with its token."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)[1]
    return browser.post(address, data=form | {"csrf_token": token})


def test_a_doctor_signs_in_at_the_provider_once_an_administrator_has_named_the_identity(portal, folder, tmp_path):
    portal.environ["PYTHONPATH"] = str(install_example(tmp_path, OIDC))
    for name in ("serve", "worker"):
        portal.stop(name)
        portal.start(name)
    wait_for(portal.is_ready, "the portal to be back")
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
