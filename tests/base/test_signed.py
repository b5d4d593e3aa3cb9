"""Signed texts with key rotation: the newest key signs, older ones verify."""

import base64

import pytest

from portal.base import keys, signed

OLD, NEW = "an old key that was long enough " * 2, "a new key that is long enough too " * 2
TEXT = "who|where|until"


@pytest.fixture(autouse=True)
def old_key():
    keys.install(OLD)


@pytest.mark.parametrize(
    ("make", "is_good"),
    [
        (lambda: signed.write("door", "who", "where"), lambda text: signed.read("door", text) == ("who", "where")),
        (lambda: signed.pack("door", TEXT), lambda text: signed.unpack("door", text) == TEXT),
        (lambda: signed.mark("door", TEXT), lambda text: signed.is_mark("door", text, TEXT)),
        (lambda: signed.mark("door", TEXT, 24), lambda text: signed.is_mark("door", text, TEXT)),
    ],
    ids=["write", "pack", "mark", "short mark"],
)
class TestEveryForm:
    """The three formats of signed texts."""

    def test_the_newest_key_signs(self, make, is_good):
        keys.install(f"{NEW},{OLD}")
        text = make()
        keys.install(NEW)
        assert is_good(text)

    def test_signatures_of_an_older_key_verify_until_it_is_removed(self, make, is_good):
        text = make()
        keys.install(f"{NEW},{OLD}")
        assert is_good(text)
        keys.install(NEW)
        assert not is_good(text)

    def test_no_tampered_text_verifies(self, make, is_good):
        text = make()
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        for place in range(len(text)):
            for letter in letters:
                if letter != text[place]:
                    assert not is_good(text[:place] + letter + text[place + 1 :])
        for other in ("", ".", "x", text[:11], text + "=", text + "A", "é" + text, text + "\n", "\udc80"):
            assert not is_good(other)

    def test_a_signature_is_valid_for_one_purpose_only(self, make, is_good, monkeypatch):
        text = make()
        monkeypatch.setattr(keys, "subkeys", lambda purpose, subkeys=keys.subkeys: subkeys("window"))
        assert not is_good(text)


# Legacy formats that installed portals have issued: cookies, links in texts, webhook URLs.
def test_legacy_device_cookies_still_verify():
    device = "QmFzZTY0ZGV2aWNlbmFtZQ"
    given = "8481b87ebcbf17c7fb7abb0e0b1fc5a5"
    assert signed.is_mark("known device", given, f"{device}\x1f+919810000001")
    assert not signed.is_mark("known device", given, f"{device}\x1f+919810000002")
    assert not signed.is_mark("known device", given[:24], f"{device}\x1f+919810000001")


def test_legacy_delivery_report_webhook_urls_still_verify():
    assert signed.is_mark("sms_gateway reports", "yReKCSMjA4gaee_n4PWc2XSs", "http")
    assert signed.is_mark("sms_gateway reports", "WwoPuiXp0bkza_kxtSjTeG1e", "\n".join(("kannel", "u" * 22, "1")))


def test_legacy_guest_links_and_live_tickets_still_verify():
    link = "RDM4aNwzquSlA1i8yLxltGludml0YXRpb24tdWlkLW9mLXRvZGF5"
    ticket = "ujtnsOCR7JFlHV0Qxh-NZ3Zpc2l0fHV8YmVuZWZpY2lhcnl8YWJjfDE3MDAwMDAwMDA"
    assert signed.unpack("video_webrtc invitation", link) == "invitation-uid-of-today"
    assert signed.unpack("live ticket", ticket) == "visit|u|beneficiary|abc|1700000000"


def test_a_signature_is_the_hmac_with_the_purposes_own_key():
    made = base64.urlsafe_b64decode(signed.mark("door", TEXT) + "=")
    assert made == keys.sign("door", TEXT.encode())
