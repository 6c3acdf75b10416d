"""From the event log to what is shown: the log, invocations, environments, late work, cost. Pure.

:func:`sandbox_runner.projections.project.project` puts a result together; the other modules each make a part of it.
"""
