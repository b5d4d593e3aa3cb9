"""Settings: the laboratory's address, the shared secret, and the codes of its tests."""

import re

from pydantic import Field, SecretStr, field_validator

from portal.api.base import gettext as _
from portal.api.outbound import check_url
from portal.contracts import PluginSettings

CODE = re.compile(r"\d{1,7}-\d")  # of LOINC
USUAL = (
    "Complete blood count = 58410-2",
    "Fasting blood sugar = 1558-6",
    "HbA1c = 4548-4",
    "Serum creatinine = 2160-0",
)


class LabSettings(PluginSettings):
    """A laboratory."""

    url: str = Field(
        title="Address of the laboratory", description="Such as https://lab.example.in/api.", max_length=300
    )
    secret: SecretStr = Field(title="Shared secret", description="At least 24 characters.", min_length=24)
    tests: tuple[str, ...] = Field(
        USUAL, title="Tests and their LOINC codes", description="One a line: Complete blood count = 58410-2"
    )
    seconds: float = Field(10, title="Seconds to wait for the laboratory", ge=1, le=30)

    @field_validator("url")
    @classmethod
    def leads_outside(cls, value: str) -> str:
        """Validate the address."""
        return check_url(value.rstrip("/"))

    @field_validator("tests")
    @classmethod
    def have_codes(cls, lines: tuple[str, ...]) -> tuple[str, ...]:
        """Validate the lines; the sentence is shown beside the field."""
        for line in lines:
            name, _equals, code = line.rpartition("=")
            if not name.strip() or not CODE.fullmatch(code.strip()):
                raise ValueError(_("Write each test with its LOINC code: Complete blood count = 58410-2"))
        return lines

    @property
    def codes(self) -> dict[str, str]:
        """Map the names of tests, in small letters, to their codes."""
        pairs = (line.rpartition("=") for line in self.tests)
        return {name.strip().lower(): code.strip() for name, _equals, code in pairs}
