"""The next poll of an open page shows what has stopped working and what works again, from Flask and from the layer."""

import pytest

from portal.contracts import Action, VisitFact
from portal.live import snapshot
from portal.plugin_host.models import PluginHealth
from portal.plugin_host.switches import switch
from portal.work.audit import SYSTEM
from tests.factories import make_visit
from tests.fakes import install_plugin
from tests.live.polls import Watcher

NO_SMS, LATE_SMS = "No SMS can be sent at the moment", "SMS may come late or not at all"
BY_SMS, NO_VIDEO = "we call you by SMS", "There is no video at the moment"


@pytest.fixture
def open_page(app, sign_in):
    """open_page(state) → a patient's page, with one SMS sender and one provider of rooms installed."""
    for name, hook in (("sender", "send_message"), ("rooms", "open_room")):
        install_plugin(app, name, **{hook: lambda **_arguments: None})

    def open_page(state: str = "waiting") -> Watcher:
        visit = make_visit(state)
        return Watcher(sign_in(visit.beneficiary), f"/visits/{visit.uid}").open()

    return open_page


@pytest.fixture(params=["layer", "flask"])
def through(request, app, monkeypatch):
    """Whether the live layer or Flask answers the poll."""
    if request.param == "flask":
        monkeypatch.setattr(app, "wsgi_app", app.extensions["portal.live"]._inner)


def said(watcher: Watcher) -> set[str]:
    answer = watcher.poll()
    return {words for words in (NO_SMS, LATE_SMS, BY_SMS, NO_VIDEO) if words in answer.text}


@pytest.mark.usefixtures("through")
def test_switching_off_the_last_sender_or_the_video_changes_the_next_poll(open_page, clock):
    page = open_page()
    assert said(page) == {BY_SMS}
    for name, enabled, words in [
        ("sender", False, {NO_SMS}),
        ("rooms", False, {NO_SMS, NO_VIDEO}),
        ("sender", True, {BY_SMS, NO_VIDEO}),
        ("rooms", True, {BY_SMS}),
    ]:
        switch(name, enabled, by=SYSTEM, now=clock.now(), confirmed=True)
        clock.tick(snapshot.RULES_EVERY.total_seconds())
        assert said(page) == words
    assert page.poll().status_code == 304


@pytest.mark.usefixtures("through")
def test_a_sender_whose_health_check_fails_changes_the_next_poll(open_page, clock, now):
    page = open_page()
    assert said(page) == {BY_SMS}
    PluginHealth.create(plugin="sender", probe="server", error="it does not answer", at=now)
    clock.tick(snapshot.RULES_EVERY.total_seconds())
    assert said(page) == {LATE_SMS}


@pytest.mark.usefixtures("through")
@pytest.mark.parametrize("state", ["called", "in_call"])
def test_a_called_patient_is_told_of_missing_video_but_not_of_missing_sms(open_page, clock, state):
    page = open_page(state)
    for name in ("sender", "rooms"):
        switch(name, False, by=SYSTEM, now=clock.now(), confirmed=True)
    clock.tick(snapshot.RULES_EVERY.total_seconds())
    assert said(page) == {NO_VIDEO}


@pytest.mark.usefixtures("through")
def test_no_sms_is_promised_for_the_prescription_when_none_can_be_sent(open_page, clock):
    page = open_page("writing")
    assert "you also get an SMS" in page.poll().text
    switch("sender", False, by=SYSTEM, now=clock.now(), confirmed=True)
    clock.tick(snapshot.RULES_EVERY.total_seconds())
    assert "an SMS may not come" in page.poll().text


def test_a_thread_that_serves_only_polls_notices_a_switch_in_another_process(app, open_page, clock):
    """A thread caches the plugins of its last Flask request; polls of the layer are not Flask requests."""
    page = open_page()
    page.poll()
    plugins = app.extensions["portal.plugins"]
    before = plugins._latest
    switch("sender", False, by=SYSTEM, now=clock.now(), confirmed=True)
    plugins._latest = plugins._pinned.snapshot = before
    clock.tick(snapshot.RULES_EVERY.total_seconds())
    assert said(page) == {NO_SMS}


@pytest.mark.usefixtures("through")
def test_the_poll_tells_which_plugins_link_so_that_what_stands_below_follows(app, open_page, clock):
    def check(visit: VisitFact, state: str, role: str) -> list[Action]:
        return [Action("Check camera and sound", f"/x/checks/{visit.uid}")]

    install_plugin(app, "checks", visit_actions=check)
    page = open_page()
    assert 'data-linking="checks"' in page.poll().text
    assert "Check camera and sound" in page.browser.get(page.page).text
    for enabled, linking in ((False, ""), (True, "checks")):
        switch("checks", enabled, by=SYSTEM, now=clock.now(), confirmed=True)
        clock.tick(snapshot.RULES_EVERY.total_seconds())
        assert f'data-linking="{linking}"' in page.poll().text
        assert ("Check camera and sound" in page.browser.get(page.page).text) == enabled
    assert page.poll().status_code == 304


def test_a_page_of_a_completed_visit_shows_no_gaps(open_page):
    assert {NO_SMS, NO_VIDEO} & said(open_page("completed")) == set()
