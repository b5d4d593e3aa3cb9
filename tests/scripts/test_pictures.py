"""The font of pictures is what its script makes of the icons of the pages."""

from io import BytesIO

from fontTools.ttLib import TTFont

from portal.core.paper.glyphs import PICTURES, printable
from portal.core.paper.large_print import BOXES
from portal.paths import FONTS
from scripts.pictures import font


def test_the_stored_font_is_the_one_that_the_script_makes():
    assert (FONTS / PICTURES).read_bytes() == font()


def test_each_time_of_the_day_has_two_letters():
    letters = TTFont(BytesIO(font())).getBestCmap()
    assert {chr(code) for code in letters} == {sign for signs in BOXES.values() for sign in signs}
    assert {len(signs) for signs in BOXES.values()} == {2}


def test_no_other_text_is_printed_with_its_letters():
    assert printable("☀") == "[black sun with rays]"
