"""What a run came to: the result's model and its grades. Pure.

The public names are those of :mod:`.model`.
"""

from sandbox_runner.results.model import (
    RESULT_VERSION,
    AsynchronousResult,
    BackendResult,
    Check,
    EnvironmentResult,
    Evidence,
    Finding,
    FunctionOfResult,
    InvocationResult,
    Invoice,
    LateWorkResult,
    Location,
    LogEntry,
    Outcome,
    ProofResult,
    Reader,
    RunResult,
    SourceLine,
    Span,
    Truncated,
    Verdict,
    Writer,
)

__all__ = [
    "RESULT_VERSION",
    "AsynchronousResult",
    "BackendResult",
    "Check",
    "EnvironmentResult",
    "Evidence",
    "Finding",
    "FunctionOfResult",
    "InvocationResult",
    "Invoice",
    "LateWorkResult",
    "Location",
    "LogEntry",
    "Outcome",
    "ProofResult",
    "Reader",
    "RunResult",
    "SourceLine",
    "Span",
    "Truncated",
    "Verdict",
    "Writer",
]
