"""Asynchronous invocation: the queue, its attempts, and records for destinations."""
