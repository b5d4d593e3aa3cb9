"""What a prescription says and may say: the notes, the medicines, the rules."""
