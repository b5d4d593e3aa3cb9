"""What pages show when a plugin fails, hangs or answers nonsense: the same as without it."""

import time
from dataclasses import replace
from datetime import date

import pytest

from portal.contracts import Panel, PanelFact, Refusal, ReportTable, SignInWay, TokenWish, VisitFact
from portal.plugin_host import fallbacks
from portal.plugin_host.calling import limits
from portal.plugin_host.registry import registry
from tests.fakes import install_plugin

WISH = TokenWish("u" * 22, "1234567", "medicine", "referral")
VISIT = VisitFact("v" * 22, "MED-001", "medicine", 1)
DAYS = (date(2026, 1, 1), date(2026, 1, 31))


def explode(**_given):
    raise RuntimeError


def asked(now):
    """Ask all four hooks that pages wait for."""
    plugins = registry()
    return [
        fallbacks.refusal_of(plugins, WISH, now),
        fallbacks.panels_of(plugins, VISIT),
        fallbacks.sign_in_ways(plugins),
        fallbacks.report_tables(plugins, *DAYS),
    ]


NOTHING = [None, [], [], []]
HOOKS = ("token_gate", "visit_panel", "staff_sign_in", "report_section")


def test_without_a_plugin_nothing_is_shown_and_nobody_refused(app, db, now):
    assert asked(now) == NOTHING


def test_a_plugin_that_raises_changes_nothing(app, db, now):
    install_plugin(app, "bad", **dict.fromkeys(HOOKS, explode))
    assert asked(now) == NOTHING


def test_a_plugin_that_hangs_changes_nothing_and_counts_as_failed(app, db, now, monkeypatch):
    monkeypatch.setattr(limits, "LIMITS", limits.LIMITS)
    for hook in HOOKS:
        monkeypatch.setitem(limits.LIMITS, hook, 0.05)
    install_plugin(app, "slow", **dict.fromkeys(HOOKS, lambda **_given: time.sleep(0.5)))
    assert asked(now) == NOTHING
    taken = registry().tallies.take()
    assert {hook: taken["slow", hook].last_error for hook in HOOKS} == dict.fromkeys(
        HOOKS, "It took longer than 0.05 seconds."
    )


@pytest.mark.parametrize(
    "answer",
    [
        "a text",
        {"text": "no"},
        Refusal(text=None),
        Refusal(text=""),
        Panel(title="x", facts=("nonsense",)),
        SignInWay("Elsewhere", "https://evil.example/"),
        SignInWay("Elsewhere", "/x/other/start"),
        SignInWay("Elsewhere", "/x/odd/../../admin"),
        ReportTable("Counts", "Day", ("one", "two"), (("Monday", (1,)),)),
        ReportTable("Counts", "Day", ("one",), (("Monday", (float("nan"),)),)),
    ],
    ids=lambda answer: f"{type(answer).__name__}",
)
def test_an_answer_that_is_not_what_the_hook_promises_is_left_out(app, db, now, answer):
    install_plugin(app, "odd", **dict.fromkeys(HOOKS, lambda **_given: answer))
    assert asked(now) == NOTHING


def test_the_first_refusal_in_the_administrators_order_is_told(app, db, now):
    install_plugin(app, "second", position=2, token_gate=lambda wish, now: Refusal("second"))
    install_plugin(app, "first", position=1, token_gate=lambda wish, now: Refusal("first\nof all"))
    assert fallbacks.refusal_of(registry(), WISH, now) == Refusal("first of all")


def test_a_refusal_leads_only_to_a_page_of_its_plugin(app, db, now):
    refusals = iter([Refusal("Pay first.", "/x/pay/now", "Pay"), Refusal("Pay first.", "https://evil.example", "Pay")])
    install_plugin(app, "pay", token_gate=lambda wish: next(refusals))
    assert fallbacks.refusal_of(registry(), WISH, now) == Refusal("Pay first.", "/x/pay/now", "Pay")
    assert fallbacks.refusal_of(registry(), WISH, now) == Refusal("Pay first.")


def test_a_panel_of_one_plugin_is_shown_though_another_fails(app, db):
    good = Panel("Laboratory", (PanelFact("Haemoglobin", "9.1 g/dl", level="warn"),))
    install_plugin(app, "bad", position=1, visit_panel=explode)
    install_plugin(app, "lab", position=2, visit_panel=lambda visit: replace(good, note=visit.token))
    assert fallbacks.panels_of(registry(), VISIT) == [("lab", replace(good, note="MED-001"))]
