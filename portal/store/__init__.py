"""Storage: the database, prepared statements, encrypted columns, pagination, and the data folder."""
