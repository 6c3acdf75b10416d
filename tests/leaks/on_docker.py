"""Which proofs every run repeats on Docker: one for each kind of carrier and runtime; the matrix repeats all.

The oracles are the same on every backend; what differs is how they reach a process, its children and its files.
"""

from __future__ import annotations

# What carries it: the case in Python, the case in Node, where the language has such a thing.
BY_CARRIER = {
    "a variable of a module": ("python-nested-body", "node-module-variable"),
    "a variable of a CommonJS module": (None, "node-commonjs-variable"),
    "a variable of another module": ("python-other-module", "typescript-module-variable"),
    "a field of a class": ("python-class-attribute", "node-static-field"),
    "a closure": ("python-closure", "node-map-in-closure"),
    "a default argument": ("python-default-argument", None),
    "a cache": ("python-lru-cache-no-argument", "node-cached-promise"),
    "a generator": ("python-generator", "node-generator"),
    "a global variable": (None, "node-global"),
    "a weak map": (None, "node-weak-map"),
    "an environment variable": ("python-environment-variable", "node-environment"),
    "a file in /tmp": ("python-tmp-file", "node-tmp-file"),
    "a file in /tmp after a timeout": ("python-after-timeout", None),
    "a child process": ("python-child-process", "node-child-process"),
    "a descriptor": ("python-descriptor-offset", None),
    "the working directory": ("python-working-directory", None),
    "a changed library": ("python-monkeypatch", "node-prototype-pollution"),
    "the state of the random numbers": ("python-seeded-random", None),
    "the context of a request": ("python-context-variable", "node-async-storage"),
    "a thread's own variable": ("python-thread-local", None),
    "a timer": (None, "node-interval"),
    "a listener": (None, "node-process-listener"),
    "the log": ("python-logger-filter", "node-set-timeout-log"),
    "a database in memory": ("python-sqlite-memory", None),
    "nothing": ("python-clean-echo", "node-clean-client"),
    "nothing, beside a thread or a timer": ("python-clean-thread", "node-clean-timer"),
    "its own count": ("python-counter-in-answer", "node-cold-flag"),
    "what never came out": ("python-retained", None),
}
CASES = {name for pair in BY_CARRIER.values() for name in pair if name}

# Those that meddle with what a backend provides: descriptors, children, the end of the process.
DISTURBERS = {
    "pyth-the-descriptor-closed",
    "pyth-a-frame-forged-by-a-child-that-goes-on",
    "pyth-an-exit-between-answer-and-walk",
    "pyth-a-clock-that-stands",
    "node-the-descriptor-closed",
    "node-a-frame-forged",
    "node-an-exit-in-the-walk",
    "node-JSON-that-lies",
}
