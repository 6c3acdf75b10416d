"""Probes that inspect the runtime's process, in replays only. Standard library and siblings; started by path.

Empty on purpose: ``python_probe.py`` and ``node_probe.mjs`` are scripts in the processes that run user code, and must
not import anything of the supervisor.
"""
