"""Executions of state machines on the page of a run: drawn as their graphs, with each state's requests."""
