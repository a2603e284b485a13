"""The database: what was seen, asked, decided, done, and the tamper-evident log of it all."""
