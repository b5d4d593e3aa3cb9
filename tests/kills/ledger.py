"""What was promised: everything that the portal has answered with success, as the people heard it."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from tests.scripted import Scripted


@dataclass
class Promise:
    """One visit, as its people know it. What nobody was told yet is empty."""

    ben_id: str = ""
    mobile: str = ""
    patient_id: str = ""
    token: str = ""
    records: dict[str, str] = field(default_factory=dict)  # address → SHA-256 of what the doctor read
    is_answered: bool = False
    advice: str = ""
    number: str = ""
    pdf: str = ""  # SHA-256 of the file that the patient has
    dispensed: list[int] = field(default_factory=list)
    is_over: bool = False


class Ledger:
    """Promises by the uid of their visit; written by many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.promises: dict[str, Promise] = {}
        self.referrals: list[str] = []

    def of(self, visit: str) -> Promise:
        """The promises of a visit: its doctor may speak before its patient has heard the token."""
        with self._lock:
            return self.promises.setdefault(visit, Promise())

    def save(self, path: Path, gateway: Scripted, kills: int) -> None:
        """Write it down for the audit, with what the gateway was given."""
        texts = [asked.form for asked in gateway.ledger if asked.path == "/send"]
        promises: dict[str, Any] = {visit: asdict(promise) for visit, promise in self.promises.items()}
        known = {"promises": promises, "referrals": self.referrals, "texts": texts, "kills": kills}
        path.write_text(json.dumps(known, ensure_ascii=False, indent=1), encoding="utf-8")
