"""Faults, inflicted on whole set-ups under load, and what must hold afterwards: ``python -m tests.faults``."""
