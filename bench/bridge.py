"""`make bench-bridge`: after an outage of a day, 10,000 documents are sent with retries and random faults (F41).

The other side is the bridge's sandbox on a port of its own. Its ledger tells whether every document came once, in
order for each patient. DOCUMENTS and CUTS change it.
"""

import os
import sys
import tempfile
import threading
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import cast

from portal.app import create_app
from portal.base.clock import now
from portal.commands.sandboxes import server
from portal.config import load
from portal.core.beneficiaries.consents import SHARING, set_consent
from portal.core.paper import pdf
from portal.core.prescriptions.making import make_pdf
from portal.plugin_host.registry import registry
from portal.server.tables import migrate
from portal.store.db import write
from portal.work import jobs
from portal.work.audit import SYSTEM
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_session, make_visit
from tests.printed import quickly
from tests.servers import free_port

DOCUMENTS = int(os.environ.get("DOCUMENTS", "10000"))
CUTS = int(os.environ.get("CUTS", "20"))
PEOPLE = 200
LONGEST = 15 * 60  # seconds (F41)
NAME = "esanjeevani_bridge"


def main() -> None:
    """Fill the outbox, end the outage, and measure until it is empty; exit code 1 when F41 does not hold."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        config = load(settings(Path(folder), port))
        list(migrate(config))
        with create_app(config).app_context():
            fill()
            stand_in = server(NAME, f"127.0.0.1:{port}")
            threading.Thread(target=stand_in.serve_forever, daemon=True).start()
            sandbox = cast(object, stand_in.get_app())
            seconds, sweeps = catch_up(sandbox)
            count, repeated, in_order = told(sandbox)
            sys.stdout.write(f"{count} documents, {repeated} repeated, in order: {in_order}, in {seconds:.0f} s")
            sys.stdout.write(f" ({DOCUMENTS / seconds * 60:.0f} a minute), {CUTS} cuts, {sweeps} sweeps\n")
    sys.exit(int(count != DOCUMENTS or not in_order or seconds > LONGEST))


def settings(folder: Path, port: int) -> dict[str, str]:
    """A deployment with the bridge configured for the sandbox."""
    url, prefix = f"http://127.0.0.1:{port}", "PORTAL_ESANJEEVANI_BRIDGE_"
    own = {
        "FHIR_URL": f"{url}/fhir",
        "TOKEN_URL": f"{url}/token",
        "CLIENT_ID": "sandbox",
        "CLIENT_SECRET": "sandbox-secret",
        "PER_MINUTE": "6000",
    }
    return {
        "PORTAL_DEMO": "1",
        "PORTAL_DATA_DIR": str(folder),
        "PORTAL_INTERNAL_HOSTS": f"127.0.0.1:{port}",
    } | {prefix + name: value for name, value in own.items()}


def fill() -> None:
    """Documented visits of PEOPLE, each document in many versions, files of 60 kB."""
    from portal.plugin_host.switches import switch

    pdf.reserved = quickly(lambda content: b"%PDF-1.7 " + bytes(60_000))
    switch(NAME, True, by=SYSTEM, now=now())
    outgoing = registry().installed[NAME].outbox.Outgoing
    for _ in range(PEOPLE):
        person = make_beneficiary()
        set_consent(person, SHARING, True, by=SYSTEM, language="en", now=now())
        visit = make_visit("in_call", beneficiary=person, session=make_session(quota=9999))
        make_pdf(make_prescription(now(), visit).id, now())
        with write():
            outgoing.insert_many(
                {
                    "kind": kind,
                    "visit_uid": visit.uid,
                    "patient_uid": person.uid,
                    "version": version,
                    "source_version": 1,
                    "next_at": now(),
                    "created_at": now(),
                }
                for version in range(1, DOCUMENTS // PEOPLE // 2 + 1)
                for kind in ("prescription", "visit")
            ).execute()


def catch_up(sandbox: object) -> tuple[float, int]:
    """Run sweeps as the worker does until the outbox is empty, with injected connection faults."""
    bridge, dice = registry().installed[NAME], Random(41)
    outgoing, started, sweeps = bridge.outbox.Outgoing, monotonic(), 0
    cuts = sorted(dice.uniform(0, 120) for _ in range(CUTS))
    jobs.connect(lambda name, row: jobs.JOBS[name](row, now()) if name == "send_documents" else None)
    stopper = threading.Thread(target=cut, args=(sandbox, cuts, started), daemon=True)
    stopper.start()
    while outgoing.select().where(outgoing.state == "waiting").exists():
        bridge.outbox.sweep_waiting(now())
        sweeps += 1
        sleep(1)
    return monotonic() - started, sweeps


def cut(sandbox: object, moments: list[float], started: float) -> None:
    """Inject faults into the next calls."""
    module = sys.modules["portal_plugins.esanjeevani_bridge.sandbox"]
    for moment in moments:
        sleep(max(0.0, started + moment - monotonic()))
        sandbox.faults.append(module.Fault("/fhir", 503, 2))  # type: ignore[attr-defined]


def told(sandbox: object) -> tuple[int, int, bool]:
    """Return by the sandbox's ledger: documents, repeated ones, and whether each patient's came in their order."""
    ledger = sandbox.ledger()  # type: ignore[attr-defined]
    by_patient: dict[str, list[int]] = {}
    for number, version, patient in ledger["documents"]:
        by_patient.setdefault(patient, []).append(2 * int(version) + number.startswith("visit"))
    in_order = all(numbers == sorted(numbers) for numbers in by_patient.values())
    return len(ledger["documents"]), ledger["repeated"], in_order


if __name__ == "__main__":
    main()
