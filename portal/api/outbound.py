"""Requests to other people's machines: no redirects, no address inside the network, limits of time and size.

An answer of more than MAX_BYTES is cut off, unless `call` is told another limit.
"""

from portal.base.outbound import MAX_BYTES, Answer, NoAnswer, Unreachable, call, check_url, is_public

__all__ = ["MAX_BYTES", "Answer", "NoAnswer", "Unreachable", "call", "check_url", "is_public"]
