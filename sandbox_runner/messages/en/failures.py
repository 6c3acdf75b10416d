"""English for what fails on our side. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

FAILURES: Final = {
    "no-sandbox": "No sandbox could be started: {detail}",
    "account-lost": "The emulated AWS services failed: {detail}",
    "sandbox-lost": "A sandbox ended unexpectedly: {detail}",
    "protocol-violation": "A sandbox sent something unexpected: {detail}",
    "illegal-transition": "An environment was in the wrong state: {detail}",
    "other-failure": "Internal error: {detail}",
    "unexpected-failure": "An unexpected internal error occurred.",
    "runtime-not-built": "The image of {runtime} could not be made on this machine, so the run was not played: {detail}",
    "took-too-long": "The run exceeded its time limit and was stopped.",
    "session-lost": (
        "The worker that held this live session is gone, and its environments with it. What came until then is below; "
        "go live again to go on."
    ),
    "interrupted": "We interrupted the run; run it again.",
    "index-away": "The package index does not answer, so the packages cannot be installed now: {detail}. Try again later; what was installed before still plays.",
    "packages-away": "The package index does not answer, and there is no copy here of {packages}{more:| and 1 more| and {more} more} ({detail}). Try again later; what was installed before still plays.",
    "archive-missing": "{name} is not kept on this installation ({bytes} bytes, SHA-256 {sha256}). Whoever has this zip can send it again, as code or as a layer; then this plays as before.",
}
# What a live session does now.
DOING: Final = {"session-waits": "The session is open; send it a request."}

# How one attempt at a request ended.
OUTCOMES: Final = {
    "success": "success",
    "function-error": "function error",
    "timeout": "timed out",
    "runtime-exit": "runtime exited",
    "extension-exit": "extension exited",
    "out-of-memory": "out of memory",
    "init-error": "init error",
    "throttled": "throttled",
    "request-too-large": "request too large",
    "not-played": "not played",
}
