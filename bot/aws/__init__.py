"""Everything that talks to AWS for reading: sessions, the inventory, the simulated account."""
