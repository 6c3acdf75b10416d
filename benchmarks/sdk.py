"""A cold request whose function makes a client of boto3: what the SDK costs, and what its bytecode saves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.cold import first_answer
from benchmarks.figures import Ratio, heading
from benchmarks.warm import Timed

if TYPE_CHECKING:
    from sandbox_runner.backends.base import Backend

_HANDLER: Final = "def handler(event, context):\n    return {'n': event['n']}\n"
_CLIENT: Final = f"import boto3\nclient = boto3.client('s3')\n{_HANDLER}"
# Bytecode is looked for in a folder that does not exist, and none is written.
WITHOUT_BYTECODE: Final = "import sys\nsys.pycache_prefix = '/tmp/none'\nsys.dont_write_bytecode = True\n"


async def sdk(backend: Backend, rounds: int) -> list[str]:
    """The part as lines."""
    bare = Timed("a function without the SDK")
    compiled, source = Timed("an S3 client of boto3"), Timed("an S3 client of boto3, from source")
    for _ in range(rounds):
        for timed, code in ((bare, _HANDLER), (compiled, _CLIENT), (source, WITHOUT_BYTECODE + _CLIENT)):
            timed.begin()
            timed.add(await first_answer(backend, code))
    return [
        heading(f"cold request with an SDK: asked -> first answer, {backend.name}, {rounds} rounds in turns"),
        *(timed.measured().line() for timed in (bare, compiled, source)),
        Ratio(compiled.measured(), bare.measured()).line(),
        Ratio(source.measured(), compiled.measured()).line(),
    ]
