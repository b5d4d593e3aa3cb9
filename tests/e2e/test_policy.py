"""Nothing on a page breaks the content policy: an endpoint that hears of each breach hears nothing."""

import json

from playwright.sync_api import Route

from tests.e2e.conftest import Enter
from tests.e2e.people import Person

REPORTS = "/policy-reports"


def listen(person: Person) -> list[str]:
    """Add a report endpoint to the policy of every page; what the browser sends there."""
    heard: list[str] = []

    def report_too(route: Route) -> None:
        answer = route.fetch()
        policy = f"{answer.headers['content-security-policy']}; report-uri {REPORTS}"
        route.fulfill(response=answer, headers=answer.headers | {"content-security-policy": policy})

    def hear(route: Route) -> None:
        heard.append(json.loads(route.request.post_data or "{}")["csp-report"]["effective-directive"])
        route.fulfill(status=204)

    person.context.route(lambda address: "/static/" not in address and REPORTS not in address, report_too)
    person.context.route(f"**{REPORTS}", hear)
    return heard


def test_a_swap_writes_no_style_into_what_a_person_has_resized(enter: Enter):
    """Dragging the corner of a text box gives it a style; copying that by attribute is what the policy forbids."""
    person = enter("anybody")
    heard = listen(person)
    person.open("/help")
    person.page.evaluate("document.querySelector('#main').style.minHeight = '900px'")
    person.page.evaluate("htmx.ajax('GET', '/help', {target: 'body', swap: 'innerHTML'})")
    person.page.wait_for_function("document.querySelector('#main').style.minHeight === ''")
    assert heard == []


def test_the_endpoint_hears_a_breach(enter: Enter):
    person = enter("anybody")
    heard = listen(person)
    person.open("/help")
    with person.page.expect_request(f"**{REPORTS}"):
        person.page.evaluate("document.querySelector('main').setAttribute('style', 'color: red')")
    person.page.wait_for_function("true")
    assert heard == ["style-src-attr"]
    person.complaints.clear()
