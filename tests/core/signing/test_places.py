"""Where the keys are: named by the environment, refused with a sentence, never read."""

from pathlib import Path

import pytest

from portal.config import Config, ConfigError
from portal.core.signing import places
from portal.core.signing.places import Place
from tests.signing import switch_on


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("organisation.p12", "password", "library.so"):
        (tmp_path / name).touch()
    (tmp_path / "doctors").mkdir()
    (tmp_path / "doctors" / "dr.eye1.p12").touch()
    return tmp_path


def named(folder: Path, **values: str) -> dict[str, str]:
    given = {"CERTIFICATE": f"{folder}/organisation.p12", "PASSWORD_FILE": f"{folder}/password"} | values
    return {f"PORTAL_SIGNING_{name}": value for name, value in given.items() if value}


def test_without_a_variable_nothing_is_signed() -> None:
    assert places.read({}) is None


def test_a_certificate_is_a_file_with_its_password_in_another(folder: Path) -> None:
    found = places.read(named(folder))
    assert found is not None
    assert found.all() == [Place("", f"{folder}/password", certificate=f"{folder}/organisation.p12")]
    assert found.timestamp == ""


def test_a_time_stamp_authority_is_named_by_its_address(folder: Path) -> None:
    found = places.read(named(folder, TIMESTAMP="https://tsa.example.in/tsp"))
    assert found is not None
    assert found.timestamp == "https://tsa.example.in/tsp"


def test_a_doctor_with_a_certificate_signs_first_and_the_organisation_next(folder: Path) -> None:
    found = places.read(named(folder, DOCTORS=f"{folder}/doctors"))
    assert found is not None
    assert [place.owner for place in found.for_author("dr.eye1")] == ["dr.eye1", ""]
    assert [place.owner for place in found.for_author("dr.ent1")] == [""]
    assert [place.owner for place in found.for_author("../organisation")] == [""]
    assert [place.owner for place in found.all()] == ["", "dr.eye1"]


def test_a_token_is_named_by_library_token_and_label(folder: Path) -> None:
    library = {"CERTIFICATE": "", "LIBRARY": f"{folder}/library.so", "TOKEN": "opd", "LABEL": "key"}
    found = places.read(named(folder, **library))
    assert found is not None
    assert found.organisation.token == "opd"
    assert not found.organisation.certificate


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"CERTIFICATE": ""}, "either in PORTAL_SIGNING_CERTIFICATE"),
        ({"CERTIFICATE": "organisation.p12"}, "PORTAL_SIGNING_CERTIFICATE is 'organisation.p12'"),
        ({"CERTIFICATE": "/nowhere/organisation.p12"}, "the whole path of a file"),
        ({"PASSWORD_FILE": ""}, "PORTAL_SIGNING_PASSWORD_FILE is ''"),
        ({"DOCTORS": "/nowhere"}, "PORTAL_SIGNING_DOCTORS is '/nowhere'"),
        ({"PASSWORD": "secret"}, "every plugin can read the environment"),
        ({"LIBRARY": "{folder}/library.so"}, "either in PORTAL_SIGNING_CERTIFICATE"),
        ({"TIMESTAMP": "tsa.example.in"}, "it must look like https://tsa.example.in/tsp"),
        ({"CERTIFICATE": "", "LIBRARY": "{folder}/library.so"}, "PORTAL_SIGNING_TOKEN is missing"),
        ({"CERTIFICATE": "", "LIBRARY": "{folder}/library.so", "TOKEN": "opd"}, "PORTAL_SIGNING_LABEL is missing"),
        (
            {
                "CERTIFICATE": "",
                "LIBRARY": "{folder}/library.so",
                "TOKEN": "opd",
                "LABEL": "key",
                "LIBRARY_SETTING": "/etc/hsm.conf",
            },
            "it must look like SOFTHSM2_CONF=",
        ),
    ],
)
def test_a_wrong_variable_stops_the_start_with_a_sentence(folder: Path, changes: dict[str, str], said: str) -> None:
    given = {name: value.format(folder=folder) for name, value in changes.items()}
    with pytest.raises(ConfigError, match=said):
        places.read(named(folder, **given))


@pytest.mark.usefixtures("app")
def test_a_demonstration_signs_as_soon_as_its_certificates_are_made(config: Config) -> None:
    assert not places.is_on()
    switch_on(config)
    assert places.is_on()
    found = places.current()
    assert found is not None
    assert [place.owner for place in found.all()] == ["", "dr.medicine1"]
