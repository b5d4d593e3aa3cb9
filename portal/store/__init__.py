"""What is kept: the database, its statements and settings, and the folder of files."""
