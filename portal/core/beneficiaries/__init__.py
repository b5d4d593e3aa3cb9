"""The scheme's register, and the beneficiaries registered from it."""
