"""The container file and the compose file: by the specification's schema, and by the programs whose commands they name.

No container engine runs here. `python -m tests.deploy.container` executes the container file's steps in an empty root.
"""

import json
import os
import re
import subprocess
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from portal import cli
from portal.checks.variables import known_names
from tests.deploy.container import steps_of
from tests.servers import ROOT, free_port, need, unavailable, wait_for

COMPOSE, FILE = ROOT / "deploy" / "compose.yaml", ROOT / "deploy" / "Containerfile"
SITE = {"SITE": "opd.example.gov.in"}


@cache
def services() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE.read_text("utf-8"))["services"])


def command(name: str) -> list[str]:
    return [SITE["SITE"] if part == "${SITE}" else part.replace("${SITE}", "x") for part in services()[name]["command"]]


def test_it_is_what_the_compose_specification_allows():
    if not find_spec("fastjsonschema"):
        unavailable("fastjsonschema is not installed, so the compose file is not held against its schema (make test)")
    fastjsonschema = import_module("fastjsonschema")
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text("utf-8"))
    is_valid = fastjsonschema.compile(schema)
    whole = yaml.safe_load(COMPOSE.read_text("utf-8"))
    is_valid(whole)
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        is_valid(whole | {"services": {"web": {"comand": []}}})


def test_there_are_two_of_each_and_every_service_has_a_health_check():
    assert {"web-a", "web-b", "worker-a", "worker-b", "database", "queue", "proxy", "relay"} < services().keys()
    assert [name for name, one in services().items() if "healthcheck" not in one] == ["tables"]


def test_its_commands_are_the_portals_own():
    ours = {one["command"][0] for one in services().values() if one.get("image") == "paramarsh"}
    assert ours == {"serve", "worker", "migrate"}
    for name in ours:
        assert CliRunner().invoke(cli.main, [name, "--help"]).exit_code == 0


def test_every_variable_is_the_portals_and_what_must_be_given_is_documented():
    given = set(services()["web-a"]["environment"])
    assert given <= known_names()
    needed = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE.read_text("utf-8")))
    page = (ROOT / "docs" / "operations.md").read_text("utf-8").partition("## Containers")[2]
    assert [name for name in sorted(needed) if f"{name}=" not in page] == []


def test_caddy_accepts_its_file():
    need("caddy", "the proxy's file is not read")
    line = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(ROOT / "deploy" / "Caddyfile.compose")]
    done = subprocess.run(line, env=os.environ | SITE, capture_output=True, text=True, check=False)
    version = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=True).stdout
    if version.startswith(("v2.6.2", "2.6.2")):
        pytest.skip("Caddy 2.6.2 does not know request_buffers")
    assert done.returncode == 0, done.stderr


def test_redis_starts_with_its_arguments():
    need("redis-server", "the queue's command is not run")
    port = str(free_port())
    with subprocess.Popen([*command("queue"), "--port", port], stdout=subprocess.DEVNULL) as child:

        def answers() -> bool:
            asked = subprocess.run(["redis-cli", "-p", port, "ping"], capture_output=True, text=True, check=False)
            return asked.stdout.strip() == "PONG"

        try:
            wait_for(answers, "Redis")
        finally:
            child.terminate()


def test_the_image_installs_what_the_portal_needs_and_copies_what_is_there():
    steps = steps_of(FILE.read_text("utf-8"))
    installing = next(text for name, text in steps if name == "RUN" and "apt-get install" in text)
    needed = re.search(r"check_run\(\).*?\n}", (ROOT / "scripts" / "system-libraries").read_text("utf-8"), re.DOTALL)
    assert needed
    for package in re.findall(r"need (lib\S+)", needed[0]):
        assert package in installing
    for name, text in steps:
        if name == "COPY":
            *sources, _target = text.split()
            assert [source for source in sources if not (ROOT / source).exists()] == []
    assert [text for name, text in steps if name == "USER"] == ["10001"]
