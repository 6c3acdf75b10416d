"""Shared infrastructure: Redis, cache, database limits, metrics, logging, error responses."""
