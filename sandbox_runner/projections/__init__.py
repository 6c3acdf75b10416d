"""Projections of the event log: log, invocations, environments, late work, cost. Pure.

:func:`sandbox_runner.projections.project.project` assembles a result; each of the other modules builds a part of it.
"""
