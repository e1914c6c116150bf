"""Benchmarks: a smoke run against its alternatives, and how a run scales with its suites."""
