"""What looks inside the runtime's process, in replays only. Standard library and siblings; started by path.

Empty on purpose: ``python_probe.py`` and ``node_probe.mjs`` are scripts of the processes that run user code, and
nothing of the supervisor may be imported into those.
"""
