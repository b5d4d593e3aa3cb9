"""The edge between the clinic and HTTP: pages, errors, access, headers."""
