"""Measurements that are too long for the tests; each is a command, and its result a page in `docs/`."""
