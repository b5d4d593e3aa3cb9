"""A third party's plugin: built with the kit, shown in docs/plugins.md, installed by pip into a running system."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from portal.core.errors import Conflict, Invalid
from portal.testing import closed_port
from portal.testing.skeleton import make
from tests.servers import ROOT, running_portal, wait_for

EXAMPLE = ROOT / "examples" / "paramarsh-email"
PAGE = (ROOT / "docs" / "plugins.md").read_text("utf-8")
FENCES = re.findall(r"^```\w+ (examples/\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the example, from a copy: a build leaves files behind."""
    folder = tmp_path_factory.mktemp("third_party")
    copy = folder / "source"
    for path in EXAMPLE.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            (copy / path.relative_to(EXAMPLE)).parent.mkdir(parents=True, exist_ok=True)
            (copy / path.relative_to(EXAMPLE)).write_bytes(path.read_bytes())
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", folder / "site", copy], check=True, timeout=60)
    return folder / "site"


def test_the_page_shows_every_file_of_the_example_word_for_word():
    shown = dict(FENCES)
    assert {path: (ROOT / path).read_text("utf-8") for path in shown} == shown
    assert {Path(path).name for path in shown} >= {"pyproject.toml", "settings.py", "__init__.py", "services.py"}


def test_the_skeleton_and_the_example_pass_the_tests_of_every_plugin(site, tmp_path):
    files = make("my_plugin", tmp_path / "mine")
    assert {path.name for path in files} >= {"pyproject.toml", "test_my_plugin.py", "settings.py"}
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "PYTEST_"))}
    paths = [str(tmp_path / "mine"), str(site), str(ROOT)]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib",
         f"--rootdir={tmp_path}", "-c", os.devnull, tmp_path / "mine" / "tests", EXAMPLE / "tests"],
        env=clean | {"PYTHONPATH": os.pathsep.join(paths)}, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-4000:]
    assert re.search(r"\d+ passed", run.stdout)


@pytest.mark.parametrize("name", ["My-Plugin", "1st", "email", "class", "x", "../up"])
def test_a_name_that_would_not_work_is_refused(tmp_path, name):
    with pytest.raises(Invalid):
        make(name, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Conflict):
        make("my_plugin", tmp_path)


class Mailbox(MessageHandler):
    """Keeps the letters that arrive."""

    def __init__(self) -> None:
        super().__init__()
        self.letters = []

    def handle_message(self, message) -> None:
        self.letters.append(message)


def test_it_appears_in_a_running_system_is_switched_on_and_sends(site, tmp_path):
    host, port = closed_port()
    mail = Controller(Mailbox(), hostname=host, port=port)
    mail.start()
    account = {"HOST": host, "PORT": str(port), "ENCRYPT": "no", "DOMAIN": "sms.example.in"}
    settings = {f"PORTAL_PARAMARSH_EMAIL_{key}": value for key, value in account.items()}
    try:
        with running_portal(tmp_path, **settings) as portal:
            assert "paramarsh_email" not in portal.command("plugin", "list").stdout
            _installed(portal, site)
            assert "off  paramarsh_email  Messages by e-mail" in portal.command("plugin", "list").stdout
            portal.command("plugin", "on", "paramarsh_email")
            portal.command("plugin", "off", "sms_gateway")
            _ask_for_otp(portal.url)
            (letter,) = wait_for(lambda: mail.handler.letters, "the letter with the OTP")
    finally:
        mail.stop()
    assert letter["To"] == "9000000001@sms.example.in"
    assert "is your OTP" in letter.get_payload()


def _installed(portal, site: Path) -> None:
    """What an operator does after `pip install`: migrate, restart web and worker."""
    portal.environ["PYTHONPATH"] = str(site)
    portal.command("migrate")
    for name in ("serve", "worker"):
        portal.stop(name)
        portal.start(name)
    wait_for(portal.is_ready, "the portal to be back")


def _ask_for_otp(url: str) -> None:
    import httpx

    with httpx.Client(base_url=url, follow_redirects=False) as browser:
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/login").text)[1]
        form = {"mobile": "9000000001", "csrf_token": token}
        assert browser.post("/login", data=form, headers={"Origin": url}).status_code == 303
