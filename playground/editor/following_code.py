"""Runtime, file name and handler follow the code: what the form becomes once its code is understood. Pure.

Nothing here decides for a person: what follows is offered with an undo, or as a button beside a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from playground.editor.form_state import with_errors
from playground.i18n.marking import _
from sandbox_runner.handler_code.detection import calls_back, detect
from sandbox_runner.runtimes import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.editor.form_state import FormState
    from sandbox_runner.handler_code.detection import Detected
    from sandbox_runner.runtimes.model import Language, Runtime

FOLLOW: Final = "follow-code"
"""What the button of the form is called that has the rest follow the code."""
_NAME_CHARACTERS: Final = 80


@dataclass(frozen=True, slots=True)
class Following:
    """``state`` is the form as it would be, or as it is where there is only something to say; ``said`` is a sentence.

    ``at`` is the row of the file that it is about, from 0.
    """

    state: FormState
    said: str
    at: int


@dataclass(frozen=True, slots=True)
class Misfit:
    """What does not fit in a form that was sent, and the label of the button that mends it; empty where none can.

    ``field`` is the form's: ``file-1``, or ``handler``.
    """

    said: str
    cure: str
    field: str


def follow_code(state: FormState, at: int | None = None) -> Following | None:
    """The form with the runtime, the file name and the handler that the code of row ``at`` asks for.

    Without ``at`` it is the handler's file. Nothing where the code is not understood, where it is a helper's, and
    where all of them fit already.
    """
    place = _handler_row(state) if at is None else at
    if place is None or not 0 <= place < len(state.files) or (at is not None and not _is_handlers(state, at)):
        return None
    row = state.files[place]
    found = detect(row.text)
    if found is None:
        return None
    runtime = _runtime(state)
    if runtime is not None and runtime.entry_points:
        return None
    function = state.handler.rpartition(".")[2]
    if function not in found.exported and found.handlers:
        function = found.handlers[0]
    runtime = _fitting_runtime(runtime, found.language, calls_back=calls_back(found.language, row.text, function))
    name = _file_name(row.name, runtime.language, _fitting(row.name, found))
    if name != row.name and any(each.name == name for each in state.files):
        return None
    followed = _with(state, place, runtime, name, function)
    if followed == state:
        return None
    said = _("%(language)s detected: runtime %(runtime)s, %(file)s, %(handler)s.")
    return Following(followed, said % _words(followed, place, found.label), place)


def follow_runtime(state: FormState) -> Following | None:
    """The form with a file name and a handler that fit the runtime, which somebody has chosen by hand."""
    runtime, place = _runtime(state), _handler_row(state)
    if runtime is None or place is None or state.files[place].name.endswith(runtime.language.all_suffixes):
        return None
    found = detect(state.files[place].text)
    fits = found is not None and found.language is runtime.language
    name = _file_name(state.files[place].name, runtime.language, found.suffixes if found and fits else ())
    if any(each.name == name for each in state.files):
        return None
    function = found.handlers[0] if found and fits and found.handlers else ""
    followed = _with(state, place, runtime, name, function)
    said = _("Runtime %(runtime)s: %(file)s, %(handler)s.") % _words(followed, place, "")
    if found is not None and not fits:
        said += " " + _("The code still looks like %(language)s.") % {"language": found.label}
    return Following(followed, said, place)


def misfits(state: FormState) -> tuple[Misfit, ...]:
    """What does not fit the runtime in the handler's file and in its name, as far as it is certain."""
    return tuple(found for found in (_of_the_file(state), _of_the_handler(state)) if found is not None)


def _of_the_handler(state: FormState) -> Misfit | None:
    runtime = _runtime(state)
    if runtime is None or runtime.entry_points or not state.handler or "." in state.handler:
        return None
    following = follow_code(state)
    example = following.state.handler if following else runtime.language.default_handler
    said = _("The handler %(handler)s has no dot. Write a file's name and its function, like %(example)s.")
    words = {"handler": _short(state.handler), "example": _short(example)}
    return Misfit(said % words, _cure(following), "handler")


def _of_the_file(state: FormState) -> Misfit | None:
    runtime, place = _runtime(state), _handler_row(state)
    if runtime is None or place is None or runtime.entry_points:
        return None
    row, following, field = state.files[place], follow_code(state), f"file-{place + 1}"
    found = detect(row.text)
    words = {"file": _short(row.name), "runtime": state.runtime, "plays": runtime.language.written_in}
    if found and found.language is not runtime.language:
        said = _("%(file)s looks like %(language)s, and %(runtime)s plays %(plays)s.")
        return Misfit(said % (words | {"language": found.label}), _cure(following), field)
    if found and found.dialect and not row.name.endswith(found.suffixes):
        said = _("%(file)s looks like %(language)s, whose files end in %(suffixes)s.")
        words |= {"language": found.label, "suffixes": ", ".join(found.suffixes)}
        return Misfit(said % words, _cure(following), field)
    of_name = registry.language_of_file(row.name)
    if of_name is not None and of_name is not runtime.language:
        said = _("%(file)s is no file that %(runtime)s can load: it loads %(suffixes)s.")
        words["suffixes"] = ", ".join(runtime.language.all_suffixes)
        return Misfit(said % words, _cure(following or follow_runtime(state)), field)
    return None


def refused(state: FormState, errors: Mapping[str, str]) -> FormState | None:
    """The form with a sentence at each field to be mended, and one beside code that does not fit; nothing to play it.

    What does not fit is said once: its sender may have meant it.
    """
    found = () if state.as_written or state.scenario_text.strip() else misfits(state)
    if not found:
        return with_errors(state, errors) if errors else None
    anyway = _("Press Run once more to play it as it is.")
    told = {each.field: f"{each.said} {anyway}" for each in found} | dict(errors)
    return replace(with_errors(state, told), as_written="yes", cure=next((one.cure for one in found if one.cure), ""))


def _cure(following: Following | None) -> str:
    if following is None:
        return ""
    return _("Use %(runtime)s, %(file)s and %(handler)s") % _words(following.state, following.at, "")


def _fitting_runtime(runtime: Runtime | None, language: Language, *, calls_back: bool) -> Runtime:
    """The runtime as it is, where it plays such a handler of the language; else a new function's."""
    fits = runtime is not None and runtime.language is language and (runtime.takes_callbacks or not calls_back)
    return runtime if runtime is not None and fits else registry.newest_of(language, calls_back=calls_back)


def _fitting(name: str, found: Detected) -> tuple[str, ...]:
    """The endings that a file with this code may have; what has no types is TypeScript as well, by its name."""
    dialect = found.language.dialect
    return dialect.suffixes if dialect and not found.dialect and name.endswith(dialect.suffixes) else found.suffixes


def _runtime(state: FormState) -> Runtime | None:
    return registry.runtime_of(state.runtime) if state.runtime in registry.PLAYED else None


def _handler_row(state: FormState) -> int | None:
    """The row of the handler's file; the only one with code where no name is the handler's."""
    written = [at for at, row in enumerate(state.files) if row.text.strip()]
    named = [at for at in written if _names_handler(state, state.files[at].name)]
    return named[0] if named else written[0] if len(written) == 1 else None


def _is_handlers(state: FormState, at: int) -> bool:
    alone = all(not row.text.strip() for place, row in enumerate(state.files) if place != at)
    return alone or _names_handler(state, state.files[at].name)


def _names_handler(state: FormState, name: str) -> bool:
    """Whether the handler's module is in a file of that name, whatever its ending."""
    return name.rpartition(".")[0] == state.handler.rpartition(".")[0].replace(".", "/") != ""


def _file_name(name: str, language: Language, suffixes: tuple[str, ...]) -> str:
    """A name that fits: as it is, with another ending, or the language's usual one."""
    if not language.suffixes:
        return language.default_file
    fitting = suffixes or language.suffixes
    if name.endswith(fitting):
        return name
    known = name if registry.language_of_file(name) is language else language.default_file
    return known.rpartition(".")[0] + fitting[0]


def _with(state: FormState, place: int, runtime: Runtime, name: str, function: str) -> FormState:
    files = tuple(replace(row, name=name) if at == place else row for at, row in enumerate(state.files))
    function = function or runtime.language.default_handler.rpartition(".")[2]
    handler = f"{name.rpartition('.')[0]}.{function}"
    if runtime.entry_points:
        handler = state.handler or runtime.language.default_handler
    elif name in runtime.handler_files(state.handler) and state.handler.endswith(f".{function}"):
        handler = state.handler
    identifier = state.runtime if _runtime(state) is runtime else runtime.identifier
    return replace(state, runtime=identifier, files=files, handler=handler)


def _words(state: FormState, place: int, language: str) -> dict[str, str]:
    name, handler = _short(state.files[place].name), _short(state.handler)
    return {"language": language, "runtime": state.runtime, "file": name, "handler": handler}


def _short(text: str) -> str:
    return text if len(text) <= _NAME_CHARACTERS else text[: _NAME_CHARACTERS - 1] + "…"
