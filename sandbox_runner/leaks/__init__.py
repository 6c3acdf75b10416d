"""The verdict: whose data came out where, and what carried it.

``prove`` asks for the replays that the oracles need; ``judge`` turns the event log into findings and is pure.
"""
