"""Routers: one per capability."""
