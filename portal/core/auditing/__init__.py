"""The audit log as the administrator and the auditor search it, and extracts of it with their proof."""
