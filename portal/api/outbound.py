"""Requests to other people's machines: no redirects, limits of time and size, no address inside the network."""

from portal.base.outbound import Answer, NoAnswer, Unreachable, call, check_url

__all__ = ["Answer", "NoAnswer", "Unreachable", "call", "check_url"]
