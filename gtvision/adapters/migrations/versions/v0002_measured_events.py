"""What events measure: speed, and how many vehicles and metres a queue has."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the columns; events of before have measured nothing."""
    op.add_column("event", sa.Column("speed_kmh", sa.Float()))
    op.add_column("event", sa.Column("vehicles", sa.Integer()))
    op.add_column("event", sa.Column("length_m", sa.Float()))
