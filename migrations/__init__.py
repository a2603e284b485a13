"""The schema's history, one file per revision, applied by Alembic."""
