"""Channels beside SMS that plugins offer: who has asked for one, and which texts it carries."""
