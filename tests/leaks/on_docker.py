"""Which proofs every run repeats on Docker: one for each way to reach what carries a leak; the matrix repeats all.

The oracles are the same on every backend; what differs is how they reach a process, its children and its files.
"""

from __future__ import annotations

# How it is reached: the case in Python, the case in Node.
BY_WAY = {
    "the process's own memory": ("python-nested-body", "typescript-module-variable"),
    "the process's environment": ("python-environment-variable", None),
    "a file in /tmp": ("python-tmp-file", "node-tmp-file"),
    "another process": (None, "node-child-process"),
    "a descriptor": ("python-descriptor-offset", None),
    "what comes out later": (None, "node-set-timeout-log"),
    "nothing": ("python-clean-thread", "node-clean-timer"),
}
CASES = {name for pair in BY_WAY.values() for name in pair if name}

# Those that meddle with what a backend provides: descriptors, children, the end of the process.
DISTURBERS = {
    "pyth-the-descriptor-closed",
    "pyth-a-frame-forged-by-a-child-that-goes-on",
    "pyth-an-exit-between-answer-and-walk",
    "node-the-descriptor-closed",
    "node-an-exit-in-the-walk",
}
