"""Who was shown personal data, what, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the table."""
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
