"""Plugin switches, masters, reports, audit."""
