"""What a pharmacist meets: a prescription of the usual medicines, and the counter."""

from datetime import datetime

import pytest

from portal.core.prescriptions.models import Prescription
from tests.consulting import make_prescription
from tests.core.dispensing.counter import Counter


@pytest.fixture
def issued(db: None, now: datetime) -> Prescription:
    """A prescription of 15 Paracetamol and 10 Cetirizine."""
    return make_prescription(now)


@pytest.fixture
def counter(db: None, now: datetime) -> Counter:
    return Counter(now)
