"""Faults for the numbers from S60 on: plugins, refusals, the supply chain."""

from tests.mutations.fault import Planted

TESTS = "tests/scripts/supply"
SUPPLY = (
    Planted(
        "S61",
        "portal/web/log.py",
        'log.info("request", method=request.method, route=route,',
        'log.info("request", method=request.method, route=request.path,',
        "tests/web/test_log.py::test_a_visit_logs_no_personal_data",
    ),
    Planted(
        "S63",
        "portal/web/access.py",
        "    g.who = found.actor.uid  # for the log of refusals\n",
        "",
        "tests/test_access.py::test_a_404_looks_the_same_to_every_permitted_role",
    ),
    Planted(
        "S60",
        "portal/api/plugin.py",
        'if asking != own and not asking.startswith(f"{own}."):',
        "if False:",
        "tests/api/test_plugin.py::test_a_plugin_is_not_given_anothers_settings",
    ),
    Planted(
        "S66",
        "scripts/supply/advisories.py",
        "Outcome.FOUND if found else Outcome.CLEAN",
        "Outcome.CLEAN",
        f"{TESTS}/test_advisories.py::test_an_advisory_is_told_with_the_version_that_mends_it",
    ),
    Planted(
        "S66",
        "scripts/supply/release.py",
        "    if known.outcome is not Outcome.CLEAN:\n",
        "    if known.outcome is Outcome.FOUND:\n",
        f"{TESTS}/test_release.py::test_a_release_is_refused_while_nothing_is_known_of_advisories",
    ),
    Planted(
        "S67",
        "pyproject.toml",
        '"UP", "S", "DTZ"',
        '"UP", "DTZ"',
        f"{TESTS}/test_dangers.py::test_ruff_refuses_dangerous_code_in_the_portal",
    ),
    Planted(
        "S67",
        "scripts/supply/leaks.py",
        "WORTH_A_LOOK.search(line)]",
        "False]",
        f"{TESTS}/test_leaks.py::test_a_planted_secret_is_found_where_it_stands",
    ),
)
