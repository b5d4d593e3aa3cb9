"""Paramarsh: a self-hosted tele-consultation OPD portal."""

__version__ = "0.1.0"
