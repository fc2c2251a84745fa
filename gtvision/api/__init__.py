"""HTTP: one FastAPI app factory, its routes, and the page."""
