"""Who was shown personal data, what, and why; and which events still have what is kept for a shorter time."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the table and the indexes."""
    op.create_table(
        "disclosure",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("time_s", sa.Float(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("results", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_disclosure_time", "disclosure", ["time_s", "id"])
    for column in ("clip_key", "snapshot_key", "plate"):
        is_there = sa.text(f"{column} IS NOT NULL")
        name = f"ix_event_{column}_start"
        op.create_index(name, "event", ["start_s"], sqlite_where=is_there, postgresql_where=is_there)
