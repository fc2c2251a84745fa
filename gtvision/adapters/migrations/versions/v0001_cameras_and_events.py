"""Cameras, their secrets, and events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_IS_OPEN = sa.text("end_s IS NULL")


def upgrade() -> None:
    """Makes the first tables."""
    op.create_table(
        "camera",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_s", sa.Float(), nullable=False),
    )
    op.create_table(
        "camera_secret",
        sa.Column("camera_id", sa.String(), sa.ForeignKey("camera.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("url", sa.String(), primary_key=True),
        sa.Column("user", sa.String(), primary_key=True),
        sa.Column("password", sa.String(), nullable=False),
    )
    _make_event()
    counter = op.create_table(
        "event_seq",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
    )
    op.bulk_insert(counter, [{"id": 1, "value": 0}])


def _make_event() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("camera_id", sa.String(), nullable=False),
        sa.Column("trigger_id", sa.String(), nullable=False),
        sa.Column("trigger_type", sa.String(), nullable=False),
        sa.Column("zone_id", sa.String()),
        sa.Column("line_id", sa.String()),
        sa.Column("track", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("direction", sa.String()),
        sa.Column("start_s", sa.Float(), nullable=False),
        sa.Column("end_s", sa.Float()),
        sa.Column("seen_s", sa.Float(), nullable=False),
        sa.Column("best_s", sa.Float(), nullable=False),
        sa.Column("best_box", sa.JSON(), nullable=False),
        sa.Column("box", sa.JSON(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("plate", sa.String()),
        sa.Column("snapshot_key", sa.String()),
        sa.Column("clip_key", sa.String()),
        sa.Column("seq", sa.BigInteger(), nullable=False),
    )
    by_time = ["start_s", "id"]
    op.create_index("ix_event_start", "event", by_time)
    # Of indexes that fit equally well SQLite takes the newest, so the best come last.
    op.create_index("ix_event_type_start", "event", ["trigger_type", *by_time])
    op.create_index("ix_event_kind_start", "event", ["kind", *by_time])
    op.create_index("ix_event_camera_start", "event", ["camera_id", *by_time])
    for name, columns in (("ix_event_open", by_time), ("ix_event_camera_open", ["camera_id", *by_time])):
        op.create_index(name, "event", columns, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)
    op.create_index("ix_event_seq", "event", ["seq"], unique=True)
