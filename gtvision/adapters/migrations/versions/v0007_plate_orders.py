"""Vehicles that wait to be sent to partners that read plates, and events that say whether theirs is read."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Makes the table; no vehicle of before is sent."""
    op.add_column("event", sa.Column("reads_plate", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "plate_order",
        sa.Column("partner", sa.String(), primary_key=True),
        sa.Column("event_id", sa.String(), primary_key=True),
        sa.Column("end_s", sa.Float(), nullable=False),
        sa.Column("taken_until_s", sa.Float(), nullable=False),
    )
    op.create_index("ix_plate_order_partner", "plate_order", ["partner", "end_s", "event_id"])
