"""Fixtures of the messages' tests, too."""

from tests.core.messages.conftest import operator as operator
from tests.core.messages.conftest import text as text
