"""What a backup says of itself: version, engine, schema, counts, numbers and the head of the audit chain."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ValidationError

from portal.base.errors import PortalError

FORMAT = 1
DATABASES = {"sqlite": "portal.db", "postgresql": "portal.pgdump"}


class Unusable(PortalError):
    """This program, or this place, cannot take this backup; the message says what to do."""


class Manifest(BaseModel, frozen=True):
    """The first member of an archive. `migrations`: the applied ones by owner; `numbers`: the last of each series."""

    format: int
    portal: str
    engine: Literal["sqlite", "postgresql"]
    taken_at: datetime
    generation: int
    migrations: dict[str, list[str]]
    rows: dict[str, int]
    files: int
    numbers: dict[str, int]
    audit_head: str
    has_key: bool

    @property
    def database(self) -> str:
        """Name of the member that is the database."""
        return DATABASES[self.engine]

    @classmethod
    def parse(cls, text: bytes) -> "Manifest":
        """Parse. Raises Unusable for another format or program."""
        try:
            found = cls.model_validate_json(text)
        except ValidationError as error:
            raise Unusable(
                "This file is no backup of the portal, or one of a version that is not known here."
            ) from error
        if found.format != FORMAT:
            raise Unusable(f"This backup has format {found.format}; this program reads {FORMAT}. Install a newer one.")
        return found

    def require_known(self, known: dict[str, set[str]]) -> None:
        """Raise Unusable when it was made by newer code: `known` are the migrations of this program by owner."""
        had = {f"{owner}/{name}" for owner, names in self.migrations.items() for name in names}
        newer = sorted(had - {f"{owner}/{name}" for owner, names in known.items() for name in names})
        if newer:
            raise Unusable(
                f"This backup is newer than this program: its database has had {', '.join(newer)}, which is not here. "
                f"Install the version that made it ({self.portal}), with its plugins. Nothing was changed."
            )
