"""What screens show of the queue: the patient's panel, the doctor's board, the hall's display."""
