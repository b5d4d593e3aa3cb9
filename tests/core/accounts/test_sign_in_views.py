"""A page asks how long its sign-in still lives; asking keeps nobody signed in, a click does."""

import pytest

from tests.factories import make_staff

IN_THE_BACKGROUND = {"X-Background": "1"}


def test_seconds_are_told_and_only_a_click_is_a_sign_of_life(sign_in, db, clock):
    browser = sign_in(make_staff("desk"))
    clock.tick(600)
    assert browser.get("/sign-in", headers=IN_THE_BACKGROUND).json == {"lasts": 300}
    assert browser.submit("/sign-in", page="/help").json == {"lasts": 900}
    clock.tick(600)
    assert browser.get("/sign-in", headers=IN_THE_BACKGROUND).json == {"lasts": 300}


def test_nobodys_sign_in_is_over(client):
    assert client.get("/sign-in").json == {"lasts": 0}


@pytest.mark.parametrize("role", ["desk", None])
def test_what_stands_typed_is_kept_without_an_answer(client, sign_in, role):
    browser = sign_in(make_staff(role)) if role else client
    answer = browser.submit("/kept", {"text": "Tea at eleven"}, page="/login")
    assert (answer.status_code, answer.data) == (204, b"")
