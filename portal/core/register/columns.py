"""Which column of a file is which field of the register: proposed by its name, chosen by the administrator."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.plain_text import one_line, plain, shortened
from portal.core.beneficiaries.register_file import COLUMNS, DISABILITY
from portal.core.register.models import RegisterImport
from portal.sandbox.sheets import Numbered
from portal.sandbox.spreadsheets import read_sheet, wrong_line
from portal.store.csv_file import Line

FIELDS = (*COLUMNS.needed, DISABILITY)
OPTIONAL = ("name_hi", DISABILITY)  # without them the register keeps what it holds
BORN = "date_of_birth"
SAMPLE, LONGEST = 3, 100  # rows that are shown beside the columns; characters of a column's name
NAMES: Mapping[str, tuple[str, ...]] = {
    "ben_id": (
        "ben_id",
        "benid",
        "beneficiary_id",
        "ben_no",
        "beneficiary_no",
        "cghs_ben_id",
        "लाभार्थी_आईडी",
        "बेन_आईडी",
    ),
    "name": ("name", "beneficiary_name", "name_english", "english_name", "name_en", "name_of_beneficiary", "नाम"),
    "name_hi": ("name_hi", "name_hindi", "hindi_name", "name_in_hindi", "हिन्दी_नाम", "नाम_हिन्दी"),
    "gender": ("gender", "sex", "लिंग"),
    BORN: ("date_of_birth", "dob", "birth_date", "birthdate", "d_o_b", "जन्म_तिथि"),
    "mobile": ("mobile", "mobile_no", "mobile_number", "phone", "phone_no", "contact_no", "मोबाइल", "मोबाइल_नंबर"),
    "centre": ("centre", "center", "wellness_centre", "wellness_center", "wc", "wc_code", "centre_code", "dispensary"),
    DISABILITY: ("disability", "has_disability", "disabled", "pwd", "दिव्यांगता"),
}
_NOT_NAMED = re.compile(r"(?:_|[^\w\u0900-\u097f])+")  # the vowel signs of Hindi are no letters to \w
_DAY_FIRST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")


def propose(batch: RegisterImport, content: bytes) -> None:
    """Read the head of a file into an import: its columns, some rows, and what they may mean. Saves nothing.

    Raises Invalid on `file`, or Unavailable.
    """
    sheet = read_sheet(content, rows=SAMPLE)
    batch.sample = [cells for _number, cells, _wrong in sheet.rows if cells]
    batch.columns = [shortened(one_line(column), LONGEST) for column in sheet.columns]
    batch.mapping = proposed(sheet.columns)
    batch.day_first = is_day_first(batch.mapping, batch.sample)


def proposed(columns: Sequence[str]) -> dict[str, int]:
    """Propose the column of each field by its name; a field that nothing is named after has none."""
    names = [_NOT_NAMED.sub("_", plain(name).lower()).strip("_") for name in columns]
    found = {}
    for field, known in NAMES.items():
        place = next((names.index(name) for name in known if name in names), None)
        if place is not None:
            found[field] = place
    return found


def checked(chosen: Mapping[str, str], count: int) -> dict[str, int]:
    """Read the columns chosen in a form, by field. Raises Invalid on each field that is wrong."""
    places = {field: int(text) for field in FIELDS if (text := chosen.get(field, "")).isdecimal() and int(text) < count}
    problems = {}
    for field in FIELDS:
        if field not in places:
            if field not in OPTIONAL:
                problems[field] = _("Choose the column of the file.")
        elif list(places.values()).count(places[field]) > 1:
            problems[field] = _("This column is chosen for two fields.")
    if problems:
        raise Invalid(problems)
    return places


def missing(mapping: Mapping[str, int]) -> list[str]:
    """List the needed fields without a column."""
    return [field for field in FIELDS if field not in mapping and field not in OPTIONAL]


def is_day_first(mapping: Mapping[str, int], rows: Iterable[Sequence[str]]) -> bool:
    """Are the birth dates of these rows written with the day first?"""
    place = mapping.get(BORN)
    born = [row[place] for row in rows if place is not None and place < len(row) and row[place]]
    return bool(born) and all(_DAY_FIRST.fullmatch(text) for text in born)


def lines_of(rows: Iterable[Numbered], mapping: Mapping[str, int], width: int, *, day_first: bool) -> Iterator[Line]:
    """Turn rows of a file into lines with the cells of the register's fields, invisible characters removed."""
    for number, cells, wrong in rows:
        if cells is None:
            yield Line(number, wrong=wrong_line(wrong, width))
            continue
        found = {field: plain(cells[place]).strip() for field, place in mapping.items()}
        if day_first:
            found[BORN] = iso_of(found[BORN])
        yield Line(number, found)


def iso_of(text: str) -> str:
    """Turn 31-05-1985, 31/5/1985 or 31.05.1985 into 1985-05-31; anything else stays."""
    found = _DAY_FIRST.fullmatch(text)
    return f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}" if found else text
