"""SMS outbox: delivery with retries, delivery reports, send attempts, alarms, and the pages about them."""
