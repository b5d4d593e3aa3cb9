"""Chart: what is known of a person across visits, and who has read it."""
