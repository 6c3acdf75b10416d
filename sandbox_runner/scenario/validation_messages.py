"""Turns a model's validation errors into messages that name the field and the cure. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sandbox_runner import limits
from sandbox_runner.messages import Message, say
from sandbox_runner.messages.codes import PROBLEM
from sandbox_runner.runtimes import registry
from sandbox_runner.runtimes.managed import CUSTOMERS, OWN_RUNTIME
from sandbox_runner.runtimes.misspelt import Meant, meant_by
from sandbox_runner.scenario.yaml_reader import shown

_Details: TypeAlias = Mapping[str, Any]

# What to do where a field is missing or empty, by the kind of field.
_HINTS: dict[str, str] = {"function.handler": "handler", "function.files": "files", "steps": "steps"}

_SECONDS = (0, int(limits.IDLE_S_MAX), "seconds")

_RANGES: dict[str, tuple[int, int, str]] = {
    "function.memory_mb": (limits.MEMORY_MB_MIN, limits.MEMORY_MB_MAX, "mb"),
    "function.timeout_s": (limits.TIMEOUT_S_MIN, limits.TIMEOUT_S_MAX, "seconds"),
    "function.tmp_mb": (limits.TMP_MB_MIN, limits.TMP_MB_MAX, "mb"),
    "function.archive.bytes": (1, limits.UNZIPPED_BYTES_MAX, "none"),
    "function.layers.bytes": (1, limits.UNZIPPED_BYTES_MAX, "none"),
    "provisioned_concurrency": (0, limits.CONCURRENT_MAX, "none"),
    "concurrency_per_environment": (1, limits.CONCURRENCY_PER_ENVIRONMENT_MAX, "none"),
    "reserved_concurrency": (0, limits.ACCOUNT_CONCURRENCY, "none"),
    "max_retry_attempts": (0, limits.RETRY_ATTEMPTS_MAX, "none"),
    "max_event_age_s": (limits.EVENT_AGE_S_MIN, limits.EVENT_AGE_S_MAX, "seconds"),
    "spin_down_after": _SECONDS,
    "init_limit": _SECONDS,
    "peers.port": (1024, 65535, "none"),
    "peers.max_clients": (0, 1000, "none"),
    "peers.delay": _SECONDS,
    "peers.close_after": _SECONDS,
    "steps.idle": _SECONDS,
    "steps.initialize": (1, limits.CONCURRENT_MAX, "none"),
    "steps.reserve": (0, limits.ACCOUNT_CONCURRENCY, "none"),
    "steps.provision": (0, limits.CONCURRENT_MAX, "none"),
}
_NO_RANGE = (0, 0, "")

_FORMS: dict[str, str] = {
    "function.handler": "handler-form",
    "functions": "functions-form",
    "function.name": "function-name-form",
    "function.archive.sha256": "digest-form",
    "function.layers.sha256": "digest-form",
    "peers.name": "peer-name-form",
    **{
        f"{place}{field}": form
        for place in ("", "function.")
        for field, form in (
            ("on_success", "receiver-form"),
            ("on_failure", "receiver-form"),
            ("dead_letter", "dead-letter-form"),
        )
    },
}
# How pydantic lists what a value may be.
_CHOICE = re.compile(r"'([^']*)'")


def field_name(path: tuple[str | int, ...]) -> str:
    """A path as people write it: ``steps[2].invoke.payload``."""
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return shown(name, 120)


def said_of(error: _Details, path: tuple[str | int, ...]) -> Message:
    """What is wrong and what to do, for one pydantic error."""
    kind, field = _without_indexes(path), field_name(path)
    if error["type"] in PROBLEM:
        return _of_our_own(error, field)
    tell = _MESSAGES.get(error["type"])
    return tell(kind, field, error) if tell else say("other-problem", field=field, detail=shown(str(error["msg"]), 300))


def _of_our_own(error: _Details, field: str) -> Message:
    """An error that a validator of ours raised under the code of its message."""
    code, given = error["type"], error.get("ctx", {})
    wanted = {name: shown(str(value)) if isinstance(value, str) else value for name, value in given.items()}
    return say(code, **({"field": field} if "field" in PROBLEM[code] else {}), **wanted)


def _without_indexes(path: tuple[str | int, ...]) -> str:
    """The kind of field, without indexes; a field of a named function counts as one of ``function``."""
    if len(path) > 1 and path[0] == "functions":
        path = ("function", *path[2:])
    return ".".join(part for part in path if isinstance(part, str))


def _missing(kind: str, field: str, _: _Details) -> Message:
    if kind == "function.runtime":
        return say("runtime-missing", field=field, choices=list(registry.IDENTIFIERS))
    return say("field-missing", field=field, hint=_HINTS.get(kind, "add"))


def _unknown(_: str, field: str, __: _Details) -> Message:
    return say("field-unknown", key=field, place="", nearest="", known=[])


def _too_few(kind: str, field: str, _: _Details) -> Message:
    if kind == "function.handler":
        return say("field-missing", field=field, hint="handler")
    return say("field-empty", field=field, hint=_HINTS.get(kind, "fill"))


def _too_many(_: str, field: str, error: _Details) -> Message:
    return say("too-many-entries", field=field, count=len(error["input"]), most=error["ctx"]["max_length"])


def _too_long(_: str, field: str, error: _Details) -> Message:
    return say("text-too-long", field=field, most=error["ctx"]["max_length"])


def _not_a_choice(kind: str, field: str, error: _Details) -> Message:
    given = shown(str(error["input"]))
    if kind == "function.runtime":
        return _no_runtime(field, given)
    return say("not-a-choice", field=field, value=given, choices=_CHOICE.findall(str(error["ctx"]["expected"])))


def _no_runtime(field: str, given: str) -> Message:
    """Why ``given`` is no runtime that can be played, and what can be."""
    known = registry.managed(given)
    if given == CUSTOMERS:
        return say("runtime-of-customers", field=field, value=given, bootstrap=OWN_RUNTIME)
    meant = Meant(known.family) if known else meant_by(given)
    if meant is None:
        return say("runtime-unknown", field=field, value=given, language="", choices=list(registry.IDENTIFIERS))
    if not meant.choices:
        return say("runtime-elsewhere", field=field, value=given, language=meant.language, bootstrap=OWN_RUNTIME)
    if meant.identifier:
        return say("runtime-misspelt", field=field, value=given, nearest=meant.identifier)
    return say("runtime-unknown", field=field, value=given, language=meant.language, choices=list(meant.choices))


def _not_whole(kind: str, field: str, _: _Details) -> Message:
    low, high, unit = _RANGES.get(kind, _NO_RANGE)
    return say("not-whole", field=field, low=low, high=high, unit=unit)


def _out_of_range(kind: str, field: str, error: _Details) -> Message:
    low, high, unit = _RANGES.get(kind, _NO_RANGE)
    return say("out-of-range", field=field, value=shown(str(error["input"])), low=low, high=high, unit=unit)


def _no_number(_: str, field: str, error: _Details) -> Message:
    return say("no-duration", field=field, value=shown(str(error["input"])))


def _wrong_form(kind: str, field: str, error: _Details) -> Message:
    hint = _FORMS.get(kind, "other-form")
    return say("wrong-form", field=field, value=shown(str(error["input"])), hint=hint)


def _not_text(_: str, field: str, __: _Details) -> Message:
    return say("not-text", field=field)


def _not_mapping(_: str, field: str, __: _Details) -> Message:
    return say("not-mapping", field=field)


def _not_list(_: str, field: str, __: _Details) -> Message:
    return say("not-list", field=field)


_MESSAGES: dict[str, Callable[[str, str, _Details], Message]] = {
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
}
