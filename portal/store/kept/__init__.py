"""What a backup needs to know of the rooms above: files that rows name, numbers that people were told."""
