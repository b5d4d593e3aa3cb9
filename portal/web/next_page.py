"""Where to go after signing in: only ever one of our own paths."""

import re

OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]{0,300}")  # no longer than a cookie can carry


def own_path(path: str, otherwise: str = "/") -> str:
    """The path when it is one of ours, else `otherwise` (S36: no scheme, host, backslash or control character)."""
    return path if OWN_PATH.fullmatch(path) else otherwise
