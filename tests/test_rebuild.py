"""`portal reports rebuild` counts every day anew."""

from click.testing import CliRunner

from portal import cli
from portal.core.reports.models import ReportRow
from tests.factories import make_session


def test_the_command_counts_every_day_since_the_first_session(db, app, now):
    make_session()
    ReportRow.create(begins=now.date(), part="visits", counts={"event/TokenIssued": 99})
    answer = CliRunner().invoke(cli.main, ["reports", "rebuild"], obj=lambda: app)
    assert (answer.exit_code, answer.output) == (0, "1 days are counted anew.\n")
    assert not ReportRow.select().exists()
