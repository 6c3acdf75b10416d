"""Runs everything on one machine: broker, worker and web as children of one process."""
