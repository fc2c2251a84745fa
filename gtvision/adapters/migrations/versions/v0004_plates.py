"""Plates of vehicles, watchlists, and events that say what a plate matched."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_HAS_PLATE = sa.text("plate IS NOT NULL")


def upgrade() -> None:
    """Makes the tables; no event of before is a hit."""
    op.add_column("event", sa.Column("hit", sa.JSON()))
    _order_plates_of_events_by_byte()
    op.create_index(
        "ix_event_plate", "event", ["plate", "start_s", "id"], sqlite_where=_HAS_PLATE, postgresql_where=_HAS_PLATE
    )
    _make_vehicle_plate()
    _make_watchlist()


def _order_plates_of_events_by_byte() -> None:
    """In the order of a language, as PostgreSQL has it otherwise, no index finds what begins with a text."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("event", "plate", type_=sa.String(collation="C"))


def _ordered_by_byte() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.String(collation="C"), "postgresql")


def _make_vehicle_plate() -> None:
    op.create_table(
        "vehicle_plate",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("camera_id", sa.String(), nullable=False),
        sa.Column("track", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("canonical", _ordered_by_byte(), nullable=False),
        sa.Column("former", sa.String()),
        sa.Column("reversed", _ordered_by_byte(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("readings", sa.Integer(), nullable=False),
        sa.Column("time_s", sa.Float(), nullable=False),
        sa.Column("box", sa.JSON(), nullable=False),
        sa.Column("event_ids", sa.JSON(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("crop_key", sa.String()),
        sa.Column("hit_ids", sa.JSON(), nullable=False),
    )
    by_time = ["time_s", "id"]
    op.create_index("ix_vehicle_plate_time", "vehicle_plate", by_time)
    op.create_index("ix_vehicle_plate_camera_time", "vehicle_plate", ["camera_id", *by_time])
    # All that a search by a beginning or an end asks for, so that it reads the index alone.
    for name in ("reversed", "canonical"):
        op.create_index(f"ix_vehicle_plate_{name}", "vehicle_plate", [name, *by_time, "camera_id", "former"])


def _make_watchlist() -> None:
    op.create_table(
        "watchlist",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("cameras", sa.JSON(), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("updated_s", sa.Float(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "watchlist_entry",
        sa.Column("watchlist_id", sa.String(), sa.ForeignKey("watchlist.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("text", _ordered_by_byte(), primary_key=True),
        sa.Column("match", sa.String(), primary_key=True),
        sa.Column("id", sa.String(), nullable=False, unique=True),
        sa.Column("valid_from_s", sa.Float()),
        sa.Column("valid_to_s", sa.Float()),
        sa.Column("reason", sa.String(), nullable=False),
    )
    version = op.create_table(
        "watchlist_version",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
    )
    op.bulk_insert(version, [{"id": 1, "value": 0}])
