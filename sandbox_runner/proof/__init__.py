"""Proving a verdict: which replays to ask for, and playing them.

:func:`sandbox_runner.proof.prover.prove` asks for the replays that the verdict needs and records what came back.
"""
