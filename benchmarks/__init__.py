"""Measurements of what the design promises; see :mod:`benchmarks.__main__`."""
