"""What the portal says of itself to a browser: its place on a home screen."""

from tests.factories import make_beneficiary, make_staff

LINK = '<link rel="manifest" href="/app.webmanifest">'


def test_the_manifest_names_icons_that_are_there(client):
    answer = client.get("/app.webmanifest")
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert answer.headers["Cache-Control"] == "private, max-age=86400"
    found = answer.json
    assert (found["scope"], found["display"], found["start_url"]) == ("/", "standalone", "/home")
    assert [client.get(icon["src"], buffered=True).status_code for icon in found["icons"]] == [200, 200]


def test_a_browser_can_offer_the_home_screen_on_every_page_of_a_family_and_of_nobody_else(client, sign_in):
    family, desk = sign_in(make_beneficiary()), sign_in(make_staff("desk"))
    assert [LINK in family.get(path).text for path in ("/home", "/tokens/new", "/help")] == [True, True, True]
    assert LINK not in desk.get("/desk").text
    assert LINK not in client.get("/login").text
