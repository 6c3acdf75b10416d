"""What a model refuses about a scenario, said in one sentence that names the field and the cure. Pure.

The models state rules; this table states them to a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sandbox_runner import limits
from sandbox_runner.runtimes import registry
from sandbox_runner.scenario.yaml_reader import shown

_Details: TypeAlias = Mapping[str, Any]

_MISSING: dict[str, str] = {
    "function.runtime": f"function.runtime is missing; choose {registry.CHOICE}",
    "function.handler": "function.handler is missing; name it like app.handler",
    "function.files": "function.files is missing; paste a handler, for example as app.py",
    "steps": "steps is missing; add at least one request like invoke: {payload: {}}",
}

_EMPTY: dict[str, str] = {
    "function.handler": "function.handler is missing; name it like app.handler",
    "function.files": "function.files is empty; paste a handler, for example as app.py",
    "steps": "steps is empty; add at least one request like invoke: {payload: {}}",
}

_SECONDS = f"0 to {limits.IDLE_S_MAX:.0f} (seconds)"

_RANGES: dict[str, str] = {
    "function.memory_mb": f"{limits.MEMORY_MB_MIN} to {limits.MEMORY_MB_MAX} (MB)",
    "function.timeout_s": f"{limits.TIMEOUT_S_MIN} to {limits.TIMEOUT_S_MAX} (seconds)",
    "function.tmp_mb": f"{limits.TMP_MB_MIN} to {limits.TMP_MB_MAX} (MB)",
    "provisioned_concurrency": f"0 to {limits.CONCURRENT_MAX}",
    "reserved_concurrency": f"0 to {limits.ACCOUNT_CONCURRENCY}",
    "max_retry_attempts": f"0 to {limits.RETRY_ATTEMPTS_MAX}",
    "max_event_age_s": f"{limits.EVENT_AGE_S_MIN} to {limits.EVENT_AGE_S_MAX} (seconds)",
    "spin_down_after": _SECONDS,
    "init_limit": _SECONDS,
    "peers.port": "1024 to 65535",
    "peers.max_clients": "0 to 1000",
    "peers.delay": _SECONDS,
    "peers.close_after": _SECONDS,
    "steps.idle": _SECONDS,
    "steps.initialize": f"1 to {limits.CONCURRENT_MAX}",
}

_FORMS: dict[str, str] = {
    "function.handler": "write the file and the function like app.handler, without blanks",
    "functions": "use up to 64 letters, digits, - and _ for a name",
    "function.name": "use up to 64 letters, digits, - and _",
    "peers.name": "use up to 31 small letters, digits and -, a letter first",
}


def field_name(path: tuple[str | int, ...]) -> str:
    """A path as people write it: ``steps[2].invoke.payload``."""
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return shown(name, 120)


def sentence(error: _Details, path: tuple[str | int, ...]) -> str:
    """What is wrong and what to do, for one of pydantic's errors."""
    tell = _SENTENCES.get(error["type"], _other)
    return tell(_without_indexes(path), field_name(path), error)


def _without_indexes(path: tuple[str | int, ...]) -> str:
    """What kind of field it is: one of any function's is one of ``function``."""
    if len(path) > 1 and path[0] == "functions":
        path = ("function", *path[2:])
    return ".".join(part for part in path if isinstance(part, str))


def _missing(kind: str, name: str, _: _Details) -> str:
    return name + _MISSING.get(kind, f"{kind} is missing; add it").removeprefix(kind)


def _unknown(_: str, name: str, __: _Details) -> str:
    return f"unknown key {name}; remove it"


def _too_few(kind: str, name: str, _: _Details) -> str:
    return name + _EMPTY.get(kind, f"{kind} is empty; fill it or leave it out").removeprefix(kind)


def _too_many(_: str, name: str, error: _Details) -> str:
    return f"{name} has {len(error['input'])} entries; at most {error['ctx']['max_length']} are taken, remove some"


def _too_long(_: str, name: str, error: _Details) -> str:
    return f"{name} is longer than {error['ctx']['max_length']} characters; shorten it"


def _not_a_choice(kind: str, name: str, error: _Details) -> str:
    given = shown(str(error["input"]))
    if kind == "function.runtime":
        return f"{name} {given} is unknown; choose {registry.CHOICE}"
    return f"{name} cannot be {given}; it can be {error['ctx']['expected']}"


def _not_whole(kind: str, name: str, _: _Details) -> str:
    return f"{name} must be a whole number; choose {_RANGES.get(kind, 'one without a fraction')}"


def _out_of_range(kind: str, name: str, error: _Details) -> str:
    given = shown(str(error["input"]))
    return f"{name} cannot be {given}; choose {_RANGES.get(kind, 'a value in its range')}"


def _no_number(_: str, name: str, error: _Details) -> str:
    return f"{name} cannot be {shown(str(error['input']))}; write a duration like 200ms, 5s, 2m or 1h"


def _wrong_form(kind: str, name: str, error: _Details) -> str:
    return f"{name} cannot be {shown(str(error['input']))}; {_FORMS.get(kind, 'write it differently')}"


def _not_text(_: str, name: str, __: _Details) -> str:
    return f"{name} must be text; put it in quotes"


def _not_mapping(_: str, name: str, __: _Details) -> str:
    return f"{name} must be a mapping of keys to values"


def _not_list(_: str, name: str, __: _Details) -> str:
    return f"{name} must be a list; begin each entry with a dash"


def _own_words(_: str, name: str, error: _Details) -> str:
    words = shown(str(error["ctx"]["error"]), 300)
    return f"{name}: {words}" if name else words


def _other(_: str, name: str, error: _Details) -> str:
    return f"{name}: {shown(str(error['msg']), 300)}" if name else shown(str(error["msg"]), 300)


_SENTENCES: dict[str, Callable[[str, str, _Details], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "too_short": _too_few,
    "string_too_short": _too_few,
    "too_long": _too_many,
    "string_too_long": _too_long,
    "literal_error": _not_a_choice,
    "int_type": _not_whole,
    "int_parsing": _not_whole,
    "int_parsing_size": _not_whole,
    "int_from_float": _not_whole,
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
    "finite_number": _no_number,
    "float_type": _no_number,
    "float_parsing": _no_number,
    "string_pattern_mismatch": _wrong_form,
    "string_type": _not_text,
    "dict_type": _not_mapping,
    "model_type": _not_mapping,
    "model_attributes_type": _not_mapping,
    "tuple_type": _not_list,
    "value_error": _own_words,
}
