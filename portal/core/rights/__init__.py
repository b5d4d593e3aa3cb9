"""Rights of people over their data (DPDP Act 2023, s.11 to s.14): a copy of everything, consents, cases, nominees."""
