"""HTTP: routes, schemas and the page."""
