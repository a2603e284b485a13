"""What people and programs are shown: pure functions from records to tables, text and JSON."""
