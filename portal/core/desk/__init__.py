"""The desk of a Wellness Centre: people without a phone of their own are registered and wait there."""
