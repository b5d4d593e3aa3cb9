"""The questions of `portal setup`: their answers are a plan."""

import click
from click.testing import CliRunner

from portal.setup.plan import made
from portal.setup.questions import ask_plan

ANSWERS = [
    "opd.example.in",
    "",
    "",
    "",
    "asha.admin",
    "Asha Rao",
    "011-23061234",
    "g@example.org",
    "",
    "",
    "",
    *[""] * 7,
]
KANNEL = ["kannel", "", "portal", "a password"]


def asked(answers: list[str]) -> dict:
    found = {}
    runner = CliRunner()
    result = runner.invoke(
        click.Command("ask", callback=lambda: found.update(ask_plan())), input="\n".join([*answers, ""])
    )
    assert result.exception is None, result.output
    return found


def test_enter_takes_what_stands_in_brackets():
    plan = made(asked([*ANSWERS, "later", ""]))
    assert plan.portal.base_url == "https://opd.example.in"
    assert (plan.lists.centres, plan.lists.register_, plan.sms) == ("delivered", "", {})
    assert plan.clinic["working_days"] == "123456"


def test_a_driver_is_asked_for_what_it_needs():
    plan = made(asked([*ANSWERS, *KANNEL, ""]))
    assert plan.sms["drivers"] == ["kannel"]
    assert plan.sms["kannel_password"] == "a password"
