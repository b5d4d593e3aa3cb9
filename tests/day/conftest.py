"""Fixtures of the clinic day."""

from tests.postgres import portal_on_postgres as portal_on_postgres
from tests.servers import portal as portal
