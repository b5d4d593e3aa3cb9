"""How the clinic does over weeks and months, from the counts by day."""
