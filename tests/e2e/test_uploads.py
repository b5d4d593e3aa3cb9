"""Uploads from a telephone: smaller photographs, one by one, again after a bad line, and as a plain form."""

from io import BytesIO

from PIL import Image, ImageDraw
from playwright.sync_api import Route, expect

from tests.day import cast, papers
from tests.e2e.conftest import Enter

MOBILE, BEN_ID = "9000000074", "1000222"


def camera_photograph() -> bytes:
    """A photograph of twelve megapixels with lines of text, as a telephone takes it of a report."""
    image, out = Image.effect_noise((4000, 3000), 60).convert("RGB"), BytesIO()
    pen = ImageDraw.Draw(image)
    for line in range(30):
        pen.text((200, 60 + 95 * line), f"Haemoglobin {line} g/dL", fill="black", font_size=70)
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def test_a_photograph_is_made_smaller_and_sent_again_after_a_bad_line(enter: Enter, portal):
    patient = cast.sign_in(portal, MOBILE)
    cast.register(patient, BEN_ID, "1950-01-01")
    visit = cast.ask_for_token(patient, specialty="orthopaedics")
    family = enter("family").sign_in_by_otp(MOBILE).open(f"/visits/{visit}")
    page, sent, lost = family.page, [], []
    photograph = camera_photograph()

    def bad_line(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        sent.append(len(route.request.post_data_buffer or b""))
        if not lost:  # the server has it, the answer is lost
            lost.append(route.fetch())
            route.abort("connectionreset")
            return
        route.continue_()

    page.route("**/records", bad_line)
    page.locator("#records").set_input_files(
        [
            {"name": "wound.jpg", "mimeType": "image/jpeg", "buffer": photograph},
            {"name": "report.pdf", "mimeType": "application/pdf", "buffer": papers.report()},
        ]
    )
    family.press("Add")
    expect(page.locator("#records-list li")).to_have_count(4)
    expect(page.locator(".sending")).to_have_text(family.say("All sent."))
    family.look("sent")
    assert len(sent) == 3, "the photograph twice, the report once"
    assert sent[0] < len(photograph) / 2
    family.complaints[:] = [line for line in family.complaints if "ERR_CONNECTION_RESET" not in line]
