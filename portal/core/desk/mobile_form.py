"""The form of a mobile's correction: the new number twice, the card seen, and what happens to others on the old one."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.base import mobile as mobiles
from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.core.beneficiaries.models import RegisterEntry

STAY, MOVE = "stay", "move"


@dataclass(frozen=True)
class Correction:
    """A form that was read: the new mobile, and who has it from now on; the first is whose correction it is."""

    mobile: str
    people: list[RegisterEntry]


def read_correction(
    form: Mapping[str, str], ticked: list[str], entry: RegisterEntry, old: str, others: list[RegisterEntry]
) -> Correction:
    """Read the form. `old`: the present number; `others`: who else has it, of whom the desk moves those of its centre.

    `ticked`: the Ben IDs of those whose cards were seen.
    Raises Invalid with every wrong field.
    """
    problems = {}
    if form.get("card_seen") != "yes":
        problems["card_seen"] = _("See the card first: the person on it must be the one who is here.")
    mobile, wrong = _mobile(form, old)
    problems |= wrong
    asked = [other for other in others if other.centre_id == entry.centre_id]
    moving = [other for other in asked if other.ben_id in ticked]
    if asked and form.get("others") not in (STAY, MOVE):
        problems["others"] = _("Say what happens to the others on the old number.")
    elif asked and (form.get("others") == MOVE) != bool(moving):
        problems["others"] = _("Either all others stay, or tick those whose cards you have seen.")
    if problems:
        raise Invalid(problems)
    return Correction(mobile, [entry, *moving])


def _mobile(form: Mapping[str, str], old: str) -> tuple[str, dict[str, str]]:
    """Return the new number, and what is wrong with it."""
    try:
        mobile = mobiles.normalise(form.get("mobile", ""))
    except ValueError as reason:
        return "", {"mobile": str(reason)}
    if mobile == old:
        return "", {"mobile": _("This is the number that is noted already.")}
    try:
        again = mobiles.normalise(form.get("mobile_again", ""))
    except ValueError:
        again = ""
    if again != mobile:
        return "", {"mobile_again": _("This is another number. Ask once more, and type the same one twice.")}
    return mobile, {}
