"""When backups are made by themselves, and where; how fast stored files are read again."""

from pathlib import PurePosixPath

from pydantic import Field, field_validator

from portal.base.language import gettext as _
from portal.settings.stored import ClinicSettings


class BackupRules(ClinicSettings):
    """The daily backup (docs/operations.md, Backup and restore)."""

    heading = _("Backups")

    backup_place: str = Field(
        "",
        max_length=200,
        title=_("Folder in which a backup is made every day (empty: none by itself)"),
        description=_(
            "Best on another machine. It is a folder of the worker’s machine, or an address such as s3://bucket/name."
        ),
    )
    backup_hour: int = Field(2, ge=0, le=23, title=_("Hour at which it is made (0 to 23)"))
    backups_kept: int = Field(14, ge=1, le=1000, title=_("Backups that are kept; older ones are deleted"))
    scrub_megabytes: int = Field(
        60,
        ge=0,
        le=10_000,
        title=_("Megabytes of stored files that are read again each minute, to find damaged ones (0: none)"),
        description=_("All files are read at most once a day."),
    )

    @field_validator("backup_place")
    @classmethod
    def _is_place(cls, text: str) -> str:
        text = text.strip().rstrip("/")
        if text and not (PurePosixPath(text).is_absolute() or text.startswith("s3://")):
            raise ValueError(_("Give a folder that begins with /, or an address that begins with s3://."))
        return text
