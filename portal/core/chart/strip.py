"""The chart's line on the consult page: what is known of the person the doctor has now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.base.clock import clinic_day
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.chart import services, sources
from portal.core.chart.facts import Known, PastVisit, Problem
from portal.core.chart.trend import Trend, trends_of
from portal.core.records.models import READABLE, Record
from portal.core.records.reading import before_doctor
from portal.core.visits.models import Visit
from portal.work import audit
from portal.work.audit import Actor


@dataclass(frozen=True)
class Strip:
    """Everything on the strip; `version` of the entries is for optimistic locking."""

    person: Beneficiary
    known: Known
    problems: tuple[Problem, ...]
    past: list[PastVisit]
    trends: list[Trend]
    records: list[Record]
    version: str
    on: date


def strip_of(visit: Visit, doctor: Staff, *, by: Actor, now: datetime) -> Strip:
    """Collect the chart for the doctor of a visit, and audit the reading."""
    person, on = visit.beneficiary, clinic_day(now)
    past = [each for source in sources.past_by for each in source(person, doctor) if each.uid != visit.uid]
    audit.note("ChartRead", person.uid, by=by, now=now)
    return Strip(
        person=person,
        known=services.known(person, on=on),
        problems=services.problems_of(person),
        past=past,
        trends=trends_of(past),
        records=earlier_records(visit),
        version=services.version_seen(person),
        on=on,
    )


def shown(
    strip: Strip, opened: str = "", errors: Mapping[str, str] | None = None, typed: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the template variables of the strip. `opened`: the part that stands open."""
    return {"strip": strip, "opened": opened, "chart_errors": errors or {}, "chart_typed": typed or {}}


def earlier_records(visit: Visit) -> list[Record]:
    """List the person's readable records that did not come with this visit or its referral, newest first."""
    mine = (Record.beneficiary == visit.beneficiary) & Record.state.in_(READABLE)
    here = [record.id for record in before_doctor(visit)]
    return list(Record.select().where(mine & Record.id.not_in(here)).order_by(Record.id.desc()).limit(20))
