"""Security headers, cookie flags, CSRF and redirects (S29, S31 to S33)."""

import pytest

PATHS = ["/", "/help", "/nothing", "/home", "/static/icons/favicon.svg", "/static/no.css", "/healthz", "/login"]


@pytest.mark.parametrize("path", PATHS)
def test_every_response_has_the_security_headers(client, path):
    headers = client.get(path, buffered=True).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "object-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("name", ["portal.css", "portal.js", "icons/icon-192.png"])
def test_a_part_of_a_page_has_what_speaks_of_its_kind_and_nothing_of_a_window(client, name):
    """A page has a dozen of these: a browser reads the policy of the page, never that of its style sheet."""
    client.get("/login")
    headers = client.get(f"/static/{name}?v=1", buffered=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert not {"Content-Security-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy"} & set(headers.keys())
    assert "Cookie" not in headers.get("Vary", "")


def test_a_304_repeats_no_header_that_speaks_of_a_body(client):
    """A browser keeps what it got with the body; a poll that learns nothing new is mostly headers."""
    first = client.get("/static/icons/favicon.svg", buffered=True)
    again = client.get("/static/icons/favicon.svg", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    spoken = {"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy"}
    assert spoken <= set(first.headers.keys())
    assert not spoken & set(again.headers.keys())


def test_the_session_cookie_is_httponly_and_samesite(client):
    cookie = client.get("/login").headers["Set-Cookie"]
    assert cookie.startswith("portal=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_over_https_the_session_cookie_is_secure_and_host_only(config):
    from dataclasses import replace

    from portal.app import create_app

    app = create_app(replace(config, base_url="https://opd.example.in"))
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-portal"
    assert app.config["SESSION_COOKIE_SECURE"]


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://localhost.evil.example"}],
)
def test_a_cross_origin_form_is_refused(client, headers):
    assert client.submit("/login", {"mobile": "9000000001"}, headers=headers).status_code == 400


def test_a_form_without_csrf_token_is_refused(client):
    assert client.post("/login", data={"mobile": "9000000001"}).status_code == 400


def test_an_untrusted_host_header_is_refused(client):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y", ""]
)
def test_the_language_switch_is_no_open_redirect(client, target):
    assert client.get("/lang/hi", query_string={"next": target}).headers["Location"] == "/"


def test_an_unknown_language_is_404(client):
    assert client.get("/lang/xx").status_code == 404


def test_without_a_sign_in_a_page_redirects_to_the_sign_in(client):
    assert client.get("/home?a=1").headers["Location"] == "/login?next=/home%3Fa%3D1"


def test_without_a_sign_in_a_fragment_gets_an_hx_redirect(client):
    answer = client.get("/home", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")
