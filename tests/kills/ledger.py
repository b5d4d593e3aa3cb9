"""The ledger of promises: every write that the portal acknowledged to a client."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from tests.scripted import Scripted


@dataclass
class Promise:
    """What was acknowledged of one visit; empty where nothing was yet."""

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
    version: int = 1
    is_cancelled: bool = False
    is_over: bool = False


class Ledger:
    """Promises by visit uid. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.promises: dict[str, Promise] = {}
        self.referrals: list[str] = []

    def of(self, visit: str) -> Promise:
        """Get or create the promise of a visit; its doctor may come before the patient's answer."""
        with self._lock:
            return self.promises.setdefault(visit, Promise())

    def save(self, path: Path, gateway: Scripted, kills: int) -> None:
        """Save for the audit, with the SMS that the gateway received."""
        texts = [asked.form for asked in gateway.ledger if asked.path == "/send"]
        promises: dict[str, Any] = {visit: asdict(promise) for visit, promise in self.promises.items()}
        known = {"promises": promises, "referrals": self.referrals, "texts": texts, "kills": kills}
        path.write_text(json.dumps(known, ensure_ascii=False, indent=1), encoding="utf-8")
