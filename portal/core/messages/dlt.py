"""What the operators' register (DLT) knows of our texts: who sends, under which name, by which registered wording."""

from dataclasses import dataclass

from portal.core import settings
from portal.core.messages.texts import changed_wording


@dataclass(frozen=True)
class Registration:
    """The numbers that go to the gateway with a text; empty where the clinic has none."""

    entity: str = ""
    header: str = ""
    template_id: str = ""


def registration(template: str, language: str) -> Registration:
    """Principal entity and header of the clinic, and the registered number of this text in this language."""
    row = changed_wording(template, language)
    return Registration(
        str(settings.get("dlt_entity")), str(settings.get("dlt_header")), row.template_id if row else ""
    )
