"""One ring of keys signs everything: the newest key signs, and what was signed before still counts."""

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
    """Whatever carries a signature."""

    def test_the_newest_key_signs(self, make, is_good):
        keys.install(f"{NEW},{OLD}")
        text = make()
        keys.install(NEW)
        assert is_good(text)

    def test_what_the_older_key_signed_still_counts_until_it_is_taken_away(self, make, is_good):
        text = make()
        keys.install(f"{NEW},{OLD}")
        assert is_good(text)
        keys.install(NEW)
        assert not is_good(text)

    def test_no_other_text_is_good(self, make, is_good):
        text = make()
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        for place in range(len(text)):
            for letter in letters:
                if letter != text[place]:
                    assert not is_good(text[:place] + letter + text[place + 1 :])
        for other in ("", ".", "x", text[:11], text + "=", text + "A", "é" + text, text + "\n", "\udc80"):
            assert not is_good(other)

    def test_it_opens_one_door_only(self, make, is_good, monkeypatch):
        text = make()
        monkeypatch.setattr(keys, "subkeys", lambda purpose, subkeys=keys.subkeys: subkeys("window"))
        assert not is_good(text)


# What portals out there have given out with formats of their own: cookies, links in texts, addresses in panels.
def test_marks_of_known_devices_as_they_were_first_made_still_count():
    device = "QmFzZTY0ZGV2aWNlbmFtZQ"
    given = "8481b87ebcbf17c7fb7abb0e0b1fc5a5"
    assert signed.is_mark("known device", given, f"{device}\x1f+919810000001")
    assert not signed.is_mark("known device", given, f"{device}\x1f+919810000002")
    assert not signed.is_mark("known device", given[:24], f"{device}\x1f+919810000001")


def test_addresses_of_delivery_reports_as_they_were_first_made_still_count():
    assert signed.is_mark("sms_gateway reports", "yReKCSMjA4gaee_n4PWc2XSs", "http")
    assert signed.is_mark("sms_gateway reports", "WwoPuiXp0bkza_kxtSjTeG1e", "\n".join(("kannel", "u" * 22, "1")))


def test_links_of_guests_and_tickets_of_live_pages_as_they_were_first_made_still_count():
    link = "RDM4aNwzquSlA1i8yLxltGludml0YXRpb24tdWlkLW9mLXRvZGF5"
    ticket = "ujtnsOCR7JFlHV0Qxh-NZ3Zpc2l0fHV8YmVuZWZpY2lhcnl8YWJjfDE3MDAwMDAwMDA"
    assert signed.unpack("video_webrtc invitation", link) == "invitation-uid-of-today"
    assert signed.unpack("live ticket", ticket) == "visit|u|beneficiary|abc|1700000000"


def test_a_signature_is_the_hmac_of_the_purposes_own_key():
    made = base64.urlsafe_b64decode(signed.mark("door", TEXT) + "=")
    assert made == keys.sign("door", TEXT.encode())
