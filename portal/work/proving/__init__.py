"""Proofs of the audit log: its sections and their trees, the nightly verification, and what verifies an extract."""
