"""Which messages from queues have been dealt with."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "message_receipt",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("camera_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("done_s", sa.Float(), nullable=False),
    )
    op.create_index("ix_message_receipt_done", "message_receipt", ["done_s"])
    op.create_index("ix_message_receipt_camera_done", "message_receipt", ["camera_id", "done_s", "id"])
