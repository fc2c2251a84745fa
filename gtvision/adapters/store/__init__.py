"""Cameras, events, counts, plates, watchlists and disclosures in SQLite or PostgreSQL."""

from gtvision.adapters.store.schema import SchemaState, migrate, schema_state
from gtvision.adapters.store.store import Store

__all__ = ["SchemaState", "Store", "migrate", "schema_state"]
