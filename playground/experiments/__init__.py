"""Experiments, their revisions and runs: storing, playing and showing them."""
