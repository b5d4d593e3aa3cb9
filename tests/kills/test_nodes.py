"""Two nodes without sticky sessions: one is killed, and nobody is lost. `make soak`: every process, many times."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.kills.doctors import consult
from tests.kills.journeys import DOCTORS, Clinic, journey, patients
from tests.kills.nodes import Nodes
from tests.kills.rig import FEW
from tests.scripted import Step, scripted_server
from tests.servers import need, wait_for

BOTH = 8  # requests that each node has answered before one is killed


def test_a_journey_over_two_nodes_goes_on_when_one_is_killed(tmp_path: Path) -> None:
    """Shared: PostgreSQL, Redis, a folder of files. Not shared: data folder, processes, memory."""
    need("pdftotext", "nobody reads the code on a prescription")
    with scripted_server() as gateway:
        gateway.otherwise = Step(body=b"taken")
        rig = Nodes(tmp_path, gateway, FEW, f"file://{tmp_path}/shared")
        try:
            rig.start(left_out="worker A")
            clinic = Clinic(rig)
            with ThreadPoolExecutor(2) as people:
                doctor = people.submit(consult, clinic, DOCTORS[0])
                patient = people.submit(journey, clinic, next(patients(FEW)))
                wait_for(lambda: sorted(rig.balancer.answered().values())[-2:][0] >= BOTH, "both nodes to answer")
                rig.kill("web A")
                try:
                    patient.result()
                finally:
                    clinic.is_over.set()
                doctor.result()
        finally:
            codes = rig.stop()
    (promise,) = clinic.ledger.promises.values()
    assert promise.dispensed == [10, 5]
    assert len(promise.records) == 2
    assert set(codes.values()) == {0}
    assert not (tmp_path / "var" / "records").exists()
