"""The table of places (LGD codes): imported from CSV, or refused with the line."""

from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from portal_plugins.esanjeevani_bridge import places as lgd
from portal_plugins.esanjeevani_bridge.models import Place

from portal.base.errors import NotFound
from portal.cli import main
from portal.imports.run import run_import
from portal.store.db import close_database
from tests.factories import make_staff
from tests.plugins.esanjeevani_bridge.test_handovers import HOME

CSV = "state_code,state,district_code,district,code,name\n7,Delhi,77,New Delhi,60,Chanakyapuri\n"


def upload(sign_in, text: str | bytes):
    import io

    admin = sign_in(make_staff("admin"))
    content = text if isinstance(text, bytes) else text.encode()
    data = {"file": (io.BytesIO(content), "lgd.csv")}
    return admin.submit(f"{HOME}/places", data, page=f"{HOME}/", content_type="multipart/form-data")


def test_the_lgd_table_is_imported_from_csv_and_replaces_rows(bridge, sign_in):
    bridge()
    assert upload(sign_in, CSV).status_code == 303
    assert upload(sign_in, CSV.replace("Chanakyapuri", "चाणक्यपुरी")).status_code == 303
    assert [row.name for row in Place.select()] == ["चाणक्यपुरी"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no column"),
        (CSV.replace("district_code", "dist"), "has no column district_code"),
        (CSV + "7,Delhi,,New Delhi,61,Cantonment\n", "Line 3: district_code"),
        (CSV + "7,Delhi,x,New Delhi,61,Cantonment\n", "Line 3: district_code"),
        (CSV + "DL,Delhi,77,New Delhi,61,Cantonment\n", "Line 3: state_code"),
        (CSV + "7,Delhi,77,New Delhi,6.1,Cantonment\n", "Line 3: code"),
        (CSV + "7,Delhi,77,New Delhi,²,Cantonment\n", "Line 3: code"),
        (CSV + "7,Delhi,77,New Delhi,-61,Cantonment\n", "Line 3: code"),
        (CSV + "0,Delhi,77,New Delhi,61,Cantonment\n", "Line 3: state_code"),
        (CSV + "7,Delhi,77,New Delhi,9999999999,Cantonment\n", "Line 3: code"),
        ('"' + "x" * 200_000 + CSV, "not a table in CSV"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (CSV.splitlines()[0], "holds no place"),
    ],
)
def test_an_invalid_table_is_refused_with_the_line_and_changes_nothing(bridge, sign_in, text, words):
    bridge()
    answer = upload(sign_in, text)
    assert (answer.status_code, Place.select().count()) == (422, 0)
    assert words in answer.text


def test_a_code_with_leading_zeros_or_hindi_digits_is_the_same_place(bridge, sign_in):
    bridge()
    assert upload(sign_in, CSV.replace("7,Delhi,77", "07,Delhi,077").replace(",60,", ",००६०,")).status_code == 303
    assert [(row.state_code, row.district_code, row.code) for row in Place.select()] == [("7", "77", "60")]
    assert upload(sign_in, CSV).status_code == 303
    assert lgd.find(" 0060 ") == lgd.find("६०") == Place.get()


def type_import(config, host: str, *typed: str):
    environ = dict(config.environ) | {"PORTAL_DATABASE_URL": config.database_url, "PORTAL_INTERNAL_HOSTS": host}
    close_database()
    return CliRunner().invoke(main, ["import", *typed], env=environ)


def test_the_table_is_imported_from_the_command_line_too(bridge, other_side, config, tmp_path):
    bridge()
    host = urlsplit(other_side.url).netloc
    table = tmp_path / "lgd.csv"
    table.write_text(CSV)
    dry, wet = (type_import(config, host, "lgd", str(table), *more) for more in (["--dry-run"], []))
    assert (dry.exit_code, dry.output) == (0, "lgd: 1 would be taken, 0 refused\n")
    assert (wet.exit_code, wet.output) == (0, "lgd: 1 taken, 0 refused\n")
    assert [row.name for row in Place.select()] == ["Chanakyapuri"]
    table.write_text(CSV.replace("Delhi,77", "Delhi,x"))
    wrong = type_import(config, host, "lgd", str(table))
    assert wrong.exit_code == 1
    assert "Line 2: district_code is empty or wrong." in wrong.output


def test_a_dry_run_of_the_table_stores_nothing(bridge, now, tmp_path):
    bridge()
    table = tmp_path / "lgd.csv"
    table.write_text(CSV)
    assert run_import("lgd", table, dry_run=True, now=now).taken == 1
    assert Place.select().count() == 0


def test_a_table_that_no_plugin_takes_is_refused(bridge, now, tmp_path):
    bridge()
    (tmp_path / "nonsense.csv").write_bytes(b"")
    with pytest.raises(NotFound, match="takes a table 'nonsense'"):
        run_import("nonsense", tmp_path / "nonsense.csv", dry_run=False, now=now)
