"""The list of doctors, as everybody reads it."""

from tests.factories import make_staff


def test_a_qualification_is_read_in_hindi_where_it_is_given(client):
    make_staff(name="Dr Asha Verma", qualification="MD (Medicine)", qualification_hi="एमडी (मेडिसिन)")
    make_staff(name="Dr Rohan Das", qualification="MS (ENT)")
    assert "एमडी" not in client.get("/doctors").text
    client.set_cookie("lang", "hi")
    page = client.get("/doctors").text
    assert "एमडी (मेडिसिन)" in page
    assert "MD (Medicine)" not in page
    assert "MS (ENT)" in page
