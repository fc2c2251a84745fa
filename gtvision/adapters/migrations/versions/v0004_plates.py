"""What a plate on a watchlist matched."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds the column; no event of before is a hit."""
    op.add_column("event", sa.Column("hit", sa.JSON()))
