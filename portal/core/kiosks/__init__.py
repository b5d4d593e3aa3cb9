"""The pages of a kiosk: its pairing, its start page, and visits that the desk hands over to it."""
