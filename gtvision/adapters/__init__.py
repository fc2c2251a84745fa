"""Adapters: one foreign library a file, each behind a port."""
