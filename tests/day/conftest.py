"""Fixtures of the clinic day."""

from tests.servers import portal as portal
from tests.servers import portal_on_postgres as portal_on_postgres
