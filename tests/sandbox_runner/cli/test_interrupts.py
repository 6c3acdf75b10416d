"""An interrupt of the command line while a verdict is being proven."""

import io
import signal

import pytest

from sandbox_runner.cli.interrupts import ProofInterrupts
from sandbox_runner.events.records import Event, ProofStarted, RunStarted


def event(record):
    return Event(seq=1, at_us=1, service_at_us=1, record=record)


def interrupted(*records, times=1):
    """What becomes of a run that has these records when somebody interrupts it."""
    err = io.StringIO()
    interrupts = ProofInterrupts(err)
    for each in records:
        interrupts.sink(event(each))
    with interrupts.heard():
        for _ in range(times):
            signal.raise_signal(signal.SIGINT)
    return interrupts.cancellation.proof.requested, err.getvalue()


def test_an_interrupt_ends_a_proof_and_says_so():
    requested, said = interrupted(ProofStarted(seconds=10, replays=60))
    assert requested
    assert said == "The proof is stopped, and what was proven is kept; interrupt once more to end the run.\n"


def test_the_second_interrupt_ends_the_run():
    with pytest.raises(KeyboardInterrupt):
        interrupted(ProofStarted(seconds=10, replays=60), times=2)


def test_an_interrupt_before_the_proof_ends_the_run():
    with pytest.raises(KeyboardInterrupt):
        interrupted(RunStarted(at_epoch_ms=0, backend="fake", steps=1))


def test_what_heard_interrupts_before_hears_them_again():
    before = signal.getsignal(signal.SIGINT)
    interrupted(ProofStarted(seconds=10, replays=60))
    assert signal.getsignal(signal.SIGINT) == before
