"""Where the files of people lie: a folder, or a store that speaks S3, behind one interface."""
