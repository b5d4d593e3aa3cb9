"""The wellness-centre pharmacy."""
