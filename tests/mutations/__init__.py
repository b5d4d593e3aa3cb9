"""Mutation of the edges: what is checked, noted or limited there is taken away, and the tests must see it."""
