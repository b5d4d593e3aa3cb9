"""Staff for tests of plugins that sign them in."""

from portal.base import clock
from portal.core.accounts.elsewhere.services import name_identity as name
from portal.core.accounts.models import Staff
from portal.work.audit import SYSTEM


def name_identity(username: str, plugin: str, known_as: str) -> None:
    """Add a doctor with this user name, whom an administrator lets sign in with an identity of the plugin."""
    person = Staff.create(username=username, role="doctor", name="Kit", password_hash="", created_at=clock.now())
    name(person, plugin, known_as, by=SYSTEM, now=clock.now())
