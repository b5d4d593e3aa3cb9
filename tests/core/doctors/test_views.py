"""The list of doctors, as everybody reads it."""

from portal.core.doctors.views import PAGE
from tests.factories import make_specialty, make_staff


def test_a_qualification_is_read_in_hindi_where_it_is_given(client):
    make_staff(name="Dr Asha Verma", qualification="MD (Medicine)", qualification_hi="एमडी (मेडिसिन)")
    make_staff(name="Dr Rohan Das", qualification="MS (ENT)")
    assert "एमडी" not in client.get("/doctors").text
    client.set_cookie("lang", "hi")
    page = client.get("/doctors").text
    assert "एमडी (मेडिसिन)" in page
    assert "MD (Medicine)" not in page
    assert "MS (ENT)" in page


def test_the_list_is_of_one_specialty_and_has_pages(client):
    for number in range(PAGE + 1):
        make_staff(name=f"Dr Doctor {number:02}")
    make_staff(name="Dr Eye", specialty=make_specialty("eye"))
    first, second = (client.get(f"/doctors?specialty=medicine&page={number}").text for number in (1, 2))
    assert "Dr Doctor 00" in first
    assert f"Dr Doctor {PAGE}" not in first
    assert f"Dr Doctor {PAGE}" in second
    assert "Dr Eye" not in first + second
    assert "Dr Eye" in client.get("/doctors?page=2").text
