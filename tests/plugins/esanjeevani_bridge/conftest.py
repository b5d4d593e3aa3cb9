"""Fixtures: the sandbox, the bridge configured for it, documented visits; one validator for all tests."""

import threading

import pytest
from portal_plugins.esanjeevani_bridge import endpoint
from portal_plugins.esanjeevani_bridge.fhir.check import problems
from portal_plugins.esanjeevani_bridge.models import Place
from portal_plugins.esanjeevani_bridge.sandbox import Sandbox
from portal_plugins.esanjeevani_bridge.sandbox.records import Records
from portal_plugins.esanjeevani_bridge.settings import NAME, Settings

from portal.base import outbound
from portal.commands.sandboxes import Quiet, Server, make_server
from portal.core.beneficiaries.consents import SHARING, set_consent
from portal.core.paper import pdf
from portal.core.visits.services import complete
from portal.plugin_host import plugin_settings
from portal.plugin_host.models import PluginState
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import state_of, switch
from portal.work.audit import SYSTEM, Actor
from tests.consulting import make_prescription
from tests.core.paper.samples import render, sample
from tests.factories import make_beneficiary, make_session, make_visit
from tests.printed import quickly

from . import validators

SECRET = "a secret of the webhook, long enough"


@pytest.fixture(scope="session")
def validator(tmp_path_factory):
    """pyfhircheck with base R4 and the guide's profiles."""
    return validators.validator(tmp_path_factory.mktemp("definitions"))


@pytest.fixture
def other_side(db, monkeypatch):
    """The sandbox on a port of its own: what the bridge talks to, and its ledger."""
    sandbox = Sandbox(Records(problems))
    server = make_server("127.0.0.1", 0, sandbox, Server, Quiet)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    outbound.install(frozenset({f"127.0.0.1:{server.server_port}"}))
    monkeypatch.setattr(endpoint, "_tokens", {})
    sandbox.url = f"http://127.0.0.1:{server.server_port}"
    yield sandbox
    server.shutdown()
    server.server_close()
    outbound.install(frozenset())


@pytest.fixture
def bridge(other_side, now):
    """bridge(**settings): switch the plugin on, configured for the sandbox."""

    def switch_on(**changes):
        url = other_side.url
        values = {
            "sanjeevani_url": f"{url}/uat",
            "launch_url": f"{url}/web",
            "source": "11001",
            "place": "60",
            "postal_code": "110001",
            "fhir_url": f"{url}/fhir",
            "token_url": f"{url}/token",
            "client_id": "sandbox",
            "client_secret": "sandbox-secret",
            "webhook_secret": SECRET,
        } | changes
        row = state_of(NAME)
        PluginState.update(settings=plugin_settings.sealed(Settings, values)).where(PluginState.id == row.id).execute()
        switch(NAME, True, by=SYSTEM, now=now)
        return registry().settings(NAME)

    return switch_on


@pytest.fixture
def places(db):
    """Two sub-districts of Delhi."""
    for code, name in (("60", "Chanakyapuri"), ("61", "Delhi Cantonment")):
        Place.create(code=code, name=name, district_code="77", district="New Delhi", state_code="7", state="Delhi")


@pytest.fixture(scope="session")
def printed():
    """A true page, printed once: what is cancelled is stamped, which a few bytes would not bear."""
    return render(sample(1))


@pytest.fixture
def documented(db, now, queue, monkeypatch, printed):
    """documented(beneficiary=None): create a completed visit with an issued prescription and consent."""
    monkeypatch.setattr(pdf, "reserved", quickly(lambda content: printed))

    def make(person=None, agreed=True):
        person = person or make_beneficiary()
        by = Actor("account", person.account.uid)
        set_consent(person, SHARING, agreed, by=by, language="en", now=now)
        visit = make_visit("in_call", beneficiary=person, session=make_session(quota=9999))
        make_prescription(now, visit)
        complete(visit, by=Actor("staff", visit.doctor.uid), now=now)
        return visit

    return make
