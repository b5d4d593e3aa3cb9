"""A validation of patient IDs that is independent of the portal."""

import re
from datetime import date

from portal.core.beneficiaries.identity import make_patient_id


def is_patient_id(text: str) -> bool:
    """Are these 13 digits with a leading date and a valid check digit?"""
    if not re.fullmatch("[0-9]{13}", text):
        return False
    try:
        day = date(2000 + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return False
    return make_patient_id(int(text[6:12]), day) == text
