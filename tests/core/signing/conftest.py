"""Keys of every kind for these tests."""

from tests.signing import pdfsig as pdfsig
