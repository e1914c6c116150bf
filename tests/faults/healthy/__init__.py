"""Healthy backends that are unusual: no suite may fail on them."""
