"""HTTP client: no redirects, no internal addresses (SSRF), timeout and size limit.

A response is cut at MAX_BYTES, unless `call` is given another limit.
"""

from portal.base.outbound import MAX_BYTES, Answer, NoAnswer, Unreachable, call, check_url, is_public

__all__ = ["MAX_BYTES", "Answer", "NoAnswer", "Unreachable", "call", "check_url", "is_public"]
