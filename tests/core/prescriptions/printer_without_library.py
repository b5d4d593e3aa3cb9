"""Import of WeasyPrint where Pango is not installed."""

raise OSError("cannot load library 'libpango-1.0-0'")
