"""What the host is told at the end of an init, an answer or an invocation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .wire import Answered, Init, InitDone, InvokeDone

if TYPE_CHECKING:
    from .apis.posted import RuntimeAnswer
    from .extensions.part import ExtensionsPart
    from .function.runtime_process import RuntimeProcess
    from .phase import Phase


def init_done(phase: Phase, status: str, at_us: int, process: RuntimeProcess, extensions: ExtensionsPart) -> InitDone:
    """Of an init that ended at ``at_us``."""
    assert isinstance(phase.order, Init)
    exited = status == "error" and not process.running
    error_type, how = extensions.failure_with(process.exit) if status == "error" else ("", "")
    reported, body = phase.reported or ("", b"")
    return InitDone(
        phase=phase.order.phase,
        status=status,
        started_us=phase.started_us,
        at_us=at_us,
        error_type=error_type or reported or (process.exit_type if exited else ""),
        exited=exited,
        exit=how or (process.exit if exited else ""),
        out_of_memory=exited and process.out_of_memory,
        peak_memory_kb=process.peak_memory_kb,
        extensions=extensions.described,
        body=body,
    )


def answered(answer: RuntimeAnswer, at_us: int) -> Answered:
    """Of an answer that the runtime posted, or the end of one that it streamed."""
    return Answered(
        request_id=answer.request_id,
        kind=answer.kind,
        at_us=at_us,
        size=answer.size,
        content_type=answer.content_type,
        error_type=answer.error_type,
        too_large=answer.too_large,
        streamed=answer.streamed,
        body=answer.body,
    )


def invoke_done(
    phase: Phase, status: str, at_us: int, process: RuntimeProcess, extensions: ExtensionsPart
) -> InvokeDone:
    """Of an invocation that ended at ``at_us``."""
    exited = status == "exited"
    error_type, how = extensions.failure_with(process.exit) if exited else ("", "")
    return InvokeDone(
        request_id=phase.request_id,
        status=status,
        started_us=phase.started_us,
        at_us=at_us,
        exit=how or (process.exit if exited else ""),
        out_of_memory=exited and process.out_of_memory,
        peak_memory_kb=process.peak_memory_kb,
        error_type=error_type,
    )
