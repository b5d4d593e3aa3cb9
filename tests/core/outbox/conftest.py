"""The same senders and texts as the messages themselves."""

from tests.core.messages.conftest import operator as operator
from tests.core.messages.conftest import text as text
