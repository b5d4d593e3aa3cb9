"""Form fields generated from a settings model."""

from datetime import time
from typing import Literal

import pytest
from pydantic import Field, SecretStr

from portal.contracts import PluginSettings
from portal.settings import form


class Account(PluginSettings):
    """One setting of each kind."""

    url: str = Field("", title="Address")
    password: SecretStr = SecretStr("")
    seconds: int = Field(5, ge=1, le=60)
    share: float = 0.5
    strict: bool = False
    driver: Literal["one", "two"] = "one"
    ways: tuple[Literal["air", "sea"], ...] = ()
    hosts: tuple[str, ...] = ()
    opens: time = time(9)


KINDS = {
    "url": "text",
    "password": "secret",
    "seconds": "whole",
    "share": "number",
    "strict": "yes_no",
    "driver": "choice",
    "ways": "order",
    "hosts": "list",
    "opens": "text",
}


@pytest.mark.parametrize(("key", "kind"), KINDS.items())
def test_the_type_of_a_field_decides_its_input(db, key, kind):
    field = form.field(Account, key, form.Shown("account", {}, {}))
    assert (field.kind, field.is_changed, field.variable) == (kind, False, f"PORTAL_ACCOUNT_{key}".upper())


def test_an_override_is_shown_read_only_and_a_secret_masked(db):
    fixed = {"url": "https://a.example", "password": "canary"}
    shown = form.Shown("account", fixed | {"password": SecretStr("canary")}, fixed)
    fields = [form.field(Account, key, shown) for key in fixed]
    assert [(field.kind, field.value) for field in fields] == [("fixed", "https://a.example"), ("fixed", form.HIDDEN)]
