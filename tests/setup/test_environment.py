"""portal.env: the key is made once, other lines stay."""

import pytest

from portal.config import ConfigError
from portal.setup.environment import KEY, keep_environment, read_environment
from portal.setup.plan import made

VALUES = {"portal": {"base_url": "https://opd.example.in"}, "administrator": {"username": "asha", "name": "Asha Rao"}}


def test_the_key_is_made_once_and_lines_of_others_stay(tmp_path):
    path, plan = tmp_path / "portal.env", made(VALUES)
    path.write_text("# ours\nOTHER=x\nexport PORTAL_BIND=0.0.0.0:80\n")
    assert KEY in keep_environment(plan, tmp_path)
    first = read_environment(path)
    assert len(first[KEY]) >= 64
    assert (first["OTHER"], first["PORTAL_BIND"]) == ("x", "127.0.0.1:8000")
    assert path.read_text().startswith("# ours\nOTHER=x\nPORTAL_BIND=127.0.0.1:8000\n")
    assert keep_environment(plan, tmp_path) == []
    assert read_environment(path) == first


def test_a_key_in_the_plan_is_refused(tmp_path):
    plan = made(VALUES | {"portal": {"base_url": "https://x.in", "more": {KEY: "k" * 40}}})
    with pytest.raises(ConfigError, match="does not belong into a plan"):
        keep_environment(plan, tmp_path)
    assert list(tmp_path.iterdir()) == []
