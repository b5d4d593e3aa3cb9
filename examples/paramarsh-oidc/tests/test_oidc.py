"""The contract of every plugin, and sign-ins against a real OpenID Connect provider (npm oidc-provider)."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import paramarsh_oidc
import pytest

from portal.testing import Deployment, PluginContract, closed_port, name_identity, who_is_signed_in

REDIRECT = "http://localhost/x/paramarsh_oidc/back"
SECRET = "a secret for the tests of the portal"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory) -> Iterator[str]:
    """The provider, running."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    folder = os.environ.get("OIDC_PROVIDER") or _fetched(tmp_path_factory.mktemp("npm"))
    with running_provider(node, folder) as address:
        yield address


def _fetched(folder: Path) -> str:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    (folder / "package.json").write_text("{}")
    done = subprocess.run([npm, "install", "--silent", "oidc-provider@9"], cwd=folder, check=False, timeout=240)
    if done.returncode:
        pytest.skip("npm has no network")
    return str(folder)


@contextmanager
def running_provider(node: str, folder: str) -> Iterator[str]:
    _host, port = closed_port()
    program = Path(__file__).parent / "provider.mjs"
    words = [node, str(program), folder, str(port), REDIRECT]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert "ready" in process.stdout.readline(), process.stderr.read()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def through_the_provider(address: str, person: str) -> str:
    """Follow the provider as this person's browser; return where it sends the browser back to."""
    with httpx.Client(headers={"x-person": person}) as browser:
        for _step in range(8):
            answer = browser.get(address)
            assert answer.is_redirect, answer.text[:500]
            address = str(answer.next_request.url)
            if address.startswith(REDIRECT):
                return address.removeprefix("http://localhost")
    raise AssertionError("the provider did not come back")


class TestOidc(PluginContract):
    """The plugin contract, and signing in."""

    plugin = paramarsh_oidc
    settings = {"issuer": "https://id.example.in", "client_id": "portal", "client_secret": SECRET}
    wrong = {"issuer": "https://id.example.in/.well-known/openid-configuration", "seconds": "0"}

    @pytest.fixture(autouse=True)
    def provider_for_the_self_test(self, request, monkeypatch) -> None:
        """Let the tests of the contract switch it on: the issuer of `settings` does not exist."""
        if "issuer" not in request.fixturenames:
            monkeypatch.setattr(paramarsh_oidc.provider, "metadata", lambda settings: {})

    @pytest.fixture
    def at_work(self, portal: Deployment, issuer: str) -> Deployment:
        """The portal with the plugin on, and Asha's address named for a doctor."""
        portal.configure(**self.settings | {"issuer": issuer})
        portal.switch(True)
        name_identity("asha.doctor", "paramarsh_oidc", "asha@hospital.example")
        return portal

    def begin(self, browser) -> str:
        answer = browser.get("/x/paramarsh_oidc/start?next=/board")
        assert answer.status_code == 303
        return answer.location

    def test_the_button_is_on_the_sign_in_page(self, at_work: Deployment) -> None:
        page = at_work.browser().get("/staff/login").text
        assert "/x/paramarsh_oidc/start" in page
        assert "Sign in with the hospital&#39;s account" in page

    def test_the_named_person_is_signed_in(self, at_work: Deployment) -> None:
        browser = at_work.browser()
        back = through_the_provider(self.begin(browser), "sub-asha")
        answer = browser.get(back)
        assert (answer.status_code, answer.location) == (303, "/board")
        assert who_is_signed_in(browser) == "asha.doctor"

    def test_the_way_to_the_provider_has_pkce_state_and_nonce(self, at_work: Deployment) -> None:
        asked = parse_qs(urlsplit(self.begin(at_work.browser())).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["redirect_uri"] == [REDIRECT]
        assert len(asked["state"][0]) >= 32
        assert len(asked["nonce"][0]) >= 32

    def test_an_unverified_address_opens_nothing(self, at_work: Deployment) -> None:
        browser = at_work.browser()
        answer = browser.get(through_the_provider(self.begin(browser), "sub-guest"))
        assert answer.status_code == 403
        assert who_is_signed_in(browser) == ""

    def test_after_the_first_sign_in_the_address_alone_opens_nothing(self, at_work: Deployment) -> None:
        first, later = at_work.browser(), at_work.browser()
        assert first.get(through_the_provider(self.begin(first), "sub-asha")).status_code == 303
        assert later.get(through_the_provider(self.begin(later), "sub-other")).status_code == 403
        assert who_is_signed_in(later) == ""

    def test_an_answer_for_another_browser_opens_nothing(self, at_work: Deployment) -> None:
        mine, other = at_work.browser(), at_work.browser()
        back = through_the_provider(self.begin(mine), "sub-asha")
        self.begin(other)
        assert other.get(back).status_code == 403
        assert at_work.browser().get(back).status_code == 403

    def test_an_answer_counts_once(self, at_work: Deployment) -> None:
        browser = at_work.browser()
        back = through_the_provider(self.begin(browser), "sub-asha")
        assert browser.get(back).status_code == 303
        assert browser.get(back).status_code == 403

    def test_a_wrong_secret_signs_nobody_in(self, at_work: Deployment, issuer: str) -> None:
        at_work.configure(**self.settings | {"issuer": issuer, "client_secret": "another secret altogether"})
        browser = at_work.browser()
        answer = browser.get(through_the_provider(self.begin(browser), "sub-asha"))
        assert answer.status_code == 503
        assert who_is_signed_in(browser) == ""

    def test_another_issuer_is_refused_before_it_is_switched_on(self, portal: Deployment, issuer: str) -> None:
        portal.configure(**self.settings | {"issuer": f"{issuer}/"})
        with pytest.raises(Exception, match="calls itself"):
            portal.switch(True)

    def test_with_the_provider_down_the_page_says_so_and_the_password_is_there(self, at_work: Deployment) -> None:
        host, port = closed_port()
        at_work.configure(**self.settings | {"issuer": f"http://{host}:{port}"})
        answer = at_work.browser().get("/x/paramarsh_oidc/start")
        assert answer.status_code == 503
        assert "user name and password" in answer.text
        assert 'name="password"' in at_work.browser().get("/staff/login").text
