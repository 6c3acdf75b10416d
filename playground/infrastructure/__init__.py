"""What the product stands on: Redis, cache, metrics, logging, error responses."""
