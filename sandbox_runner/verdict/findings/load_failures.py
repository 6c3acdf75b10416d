"""Why a function's code did not load: what AWS's client said, where in the code that is, and what to do. Pure.

The client's answer has a message and sometimes a stack trace. What it leaves out, such as the line of an import, is
looked for in the function's files; a place that is not certain is not named.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.events.records import AccountRefused, DependenciesFailed
from sandbox_runner.handler_code import environment_reads, syntax
from sandbox_runner.handler_code.detection import detect, exported, functions
from sandbox_runner.messages import cut, say
from sandbox_runner.results.model import Outcome
from sandbox_runner.runtimes import registry
from sandbox_runner.runtimes.registry import language_of_file, runtime_of
from sandbox_runner.scenario.reserved_variables import RESERVED_VARIABLES
from sandbox_runner.verdict.evidence.facts import timed_out

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sandbox_runner.events.records import Event
    from sandbox_runner.handler_code.detection import Detected
    from sandbox_runner.messages import Message
    from sandbox_runner.runtimes.model import Language
    from sandbox_runner.runtimes.requirements import Packages
    from sandbox_runner.scenario.model import Function
    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Played

_PROBLEM_CHARACTERS_MAX: Final = 300
_NAMES_MAX: Final = 8
# How like its name has to be to what was meant.
_LIKE: Final = 0.7
# The same for what the runtime brings, which has many names: "express" is no misspelt "process", nor "ws" an "fs".
_VERY_LIKE: Final = 0.75
_LIKE_CHARACTERS_MIN: Final = 4
_BROUGHT_IN: Final = re.compile(r"\b(?:import|from|require)\b")
_OF_PROCESS: Final = re.compile(r"\ARequestId: \S+ Error: ")
_NOWHERE: Final = ("", 0, 0)


@dataclass(frozen=True, slots=True)
class _Failure:
    """One answer of the client's: its error type, the message without what it puts around it, and the trace.

    :ivar asked: the packages that were installed because the function's files ask for them.
    """

    function: Function
    asked: tuple[str, ...]
    kind: str
    said: str
    trace: str

    @property
    def language(self) -> Language:
        return runtime_of(self.function.runtime).language

    @property
    def handler_file(self) -> str:
        """The file in which the handler is looked for, empty where there is none."""
        wanted = runtime_of(self.function.runtime).handler_files(self.function.handler)
        return next((path for path in wanted if path in self.function.files), "")


_Place = tuple[str, int, int]


def load_failure(case: Case) -> tuple[Message, ...]:
    """What to say of the first request whose function did not load; nothing where none is known not to."""
    for request in case.facts.requests.values():
        failure = _failure(case, request.function, _not_loaded(case, request))
        if failure is not None:
            (file, line, column), cures = _explained(failure)
            source = failure.function.files.get(file, "").split("\n")[line - 1].strip() if line else ""
            shown = case.shown_file(request.function, file) if file else ""
            problem = cut(failure.said.rstrip(".") or failure.kind, _PROBLEM_CHARACTERS_MAX)
            failed = say("load-failed", problem=problem, file=shown, line=line, column=column, source=cut(source))
            return failed, *cures
    return ()


def _not_loaded(case: Case, request: Played) -> str:
    """What the runtime said: to the request, or before one that had no time to repeat the init."""
    if request.answer is not None and request.answer.outcome == Outcome.INIT_ERROR:
        return request.answer.response
    return case.facts.unloaded.get(request.environment or "", "") if timed_out(request) else ""


def cures_of_errors(case: Case) -> tuple[Message, ...]:
    """What a request that failed although the code did load may lack that is set elsewhere; nothing where unknown."""
    for request in case.facts.requests.values():
        if request.answer is not None and request.answer.outcome == Outcome.FUNCTION_ERROR:
            failure = _failure(case, request.function, request.answer.response)
            if failure is None:
                continue
            if name := _variable_missing(failure, _traced(failure)):
                return (say("variable-missing", name=cut(name)),)
            if types := _types_missed(failure):
                return types
    return ()


def not_prepared(events: Iterable[Event]) -> tuple[Message, ...]:
    """Why packages that a function asks for cannot be installed, or resources made; nothing where they could."""
    failed = DependenciesFailed | AccountRefused
    return tuple(each.record.why for each in events if isinstance(each.record, failed))


def _failure(case: Case, name: str, response: str) -> _Failure | None:
    try:
        answer = json.loads(response)
    except ValueError:
        return None
    if not isinstance(answer, dict) or not isinstance(answer.get("errorMessage"), str):
        return None
    function = case.function(name)
    errors = runtime_of(function.runtime).language.load_errors
    kind = str(answer.get("errorType", ""))
    trace = answer.get("stackTrace") or answer.get("trace") or []
    said = re.sub(errors.around, "", _OF_PROCESS.sub("", answer["errorMessage"]))
    of_module = kind.startswith("Runtime.") or re.search(errors.missing, said)
    lines = "\n".join(map(str, trace)) if isinstance(trace, list) else ""
    placed = re.match(errors.placed, said)
    if placed and placed["file"] in function.files:
        said, lines = said[placed.end() :], f"/var/task/{placed[0]}\n{lines}"
    return _Failure(function, case.packages_of(name), kind, said if of_module else f"{kind}: {said}", lines)


def _explained(failure: _Failure) -> tuple[_Place, tuple[Message, ...]]:
    """Where it is in the code, and what to do."""
    errors = failure.language.load_errors
    if not failure.handler_file and failure.kind == "Runtime.ImportModuleError":
        return _NOWHERE, (_file_missing(failure),)
    if found := re.search(errors.not_exported, failure.said):
        return _imported(failure, found["name"]), (_not_exported(failure, found["module"]),)
    if found := re.search(errors.only_imported, failure.said):
        return _imported(failure, found["module"]), (say("package-only-imported", package=cut(found["module"])),)
    if found := re.search(errors.missing, failure.said):
        return _imported(failure, _short(found["module"])), _missing(failure, found["module"])
    if known := _BY_KIND.get(failure.kind):
        place, cure = known(failure)
        return place, (cure,)
    place, cure = _raised(failure)
    return place, (cure, *_types_missed(failure))


# --- the handler ------------------------------------------------------------------------------------------------------


def _file_missing(failure: _Failure) -> Message:
    wanted = runtime_of(failure.function.runtime).handler_files(failure.function.handler)
    return say("handler-file-missing", wanted=_names(wanted), files=_names(failure.function.files))


def _handler_missing(failure: _Failure) -> tuple[_Place, Message]:
    file = failure.handler_file
    found = _handlers(failure, file) if functions(failure.language, failure.function.files.get(file, "")) else []
    return (file, 0, 0), say("handler-missing", file=cut(file), handlers=_names(found))


def _calls_back(failure: _Failure) -> tuple[_Place, Message]:
    usual = registry.newest_of(failure.language, calls_back=True)
    return (failure.handler_file, 0, 0), say("handler-calls-back", runtime=usual.identifier)


def _malformed(failure: _Failure) -> tuple[_Place, Message]:
    first = next(_in_order(failure), "")
    return _NOWHERE, say("handler-malformed", example=cut(_handlers(failure, first)[0]))


def _handlers(failure: _Failure, file: str) -> list[str]:
    """What the handler could be in ``file``; the language's usual one where it has none."""
    found = functions(failure.language, failure.function.files.get(file, ""))
    return [f"{file.rpartition('.')[0]}.{name}" for name in found] or [failure.language.default_handler]


# --- what is imported -------------------------------------------------------------------------------------------------


def _missing(failure: _Failure, module: str) -> tuple[Message, ...]:
    """The nearest of the function's own modules, or of the runtime's; what is like the latter may be a package too."""
    runtime = runtime_of(failure.function.runtime)
    inside = re.search(failure.language.load_errors.in_package, failure.trace) if module.startswith(".") else None
    if inside:
        return (say("package-not-built", package=cut(inside["package"])),)
    in_no_file = _in_no_file(runtime.language.packages, module, failure.asked)
    if in_no_file.code == "package-lacks":
        return (in_no_file,)
    brought = runtime.language.own_modules | runtime.installed.keys() - {runtime.language.interpreter}
    if nearest := _nearest(module, _own(failure), _LIKE):
        return (say("import-nearest", nearest=cut(nearest)),)
    is_long = len(_short(module)) >= _LIKE_CHARACTERS_MIN and not _is_known(runtime.language.packages, module)
    nearest = _nearest(module, {_short(name): name for name in sorted(brought)}, _VERY_LIKE) if is_long else ""
    if not nearest:
        return (in_no_file,)
    also = () if in_no_file.code == "import-missing" else (in_no_file,)
    return say("import-nearest", nearest=cut(nearest)), *also


def _is_known(packages: Packages | None, module: str) -> bool:
    """Whether it is known which package has the module, as their names are not alike."""
    package = packages.package_of(module) if packages else ""
    return bool(package) and not module.startswith(package)


def _nearest(module: str, known: Mapping[str, str], like: float) -> str:
    """What to write instead of ``module``; empty where nothing known is like it, or it is written so already."""
    found = difflib.get_close_matches(_short(module), known, n=1, cutoff=like)
    return known[found[0]] if found and known[found[0]] != module else ""


def _in_no_file(packages: Packages | None, module: str, asked: Collection[str]) -> Message:
    package = packages.package_of(module) if packages else ""
    if packages is None or not package:
        return say("import-missing")
    if {package, package.lower().replace("_", "-")} & set(asked):
        return say("package-lacks", package=cut(package))
    if last := packages.once_brought.get(package):
        return say("package-once-brought", package=cut(package), manifest=packages.manifest, runtime=last)
    return say("package-missing", package=cut(package), manifest=packages.manifest)


def _own(failure: _Failure) -> Mapping[str, str]:
    """The function's own modules: by the last part of the name, what to write."""
    paths = [path for path in failure.function.files if language_of_file(path) is failure.language]
    is_path = "/" in failure.language.module_name("a/b" + failure.language.suffixes[0])
    names = ((path, failure.language.module_name(path)) for path in paths if path != failure.handler_file)
    return {_short(path if is_path else name): f"./{path}" if is_path else name for path, name in names}


def _not_exported(failure: _Failure, module: str) -> Message:
    language, files = failure.language, failure.function.files
    names = [path for path in files if language_of_file(path) is language]
    homes = [path for path in names if module in (language.module_name(path), path) or _short(path) == _short(module)]
    found = exported(language, files[homes[0]]) if homes else ()
    return say("export-missing", module=cut(homes[0] if homes else module), exported=_names(found))


def _imported(failure: _Failure, name: str) -> _Place:
    """The line that brings ``name`` in, in the handler's file first; those outside of functions first."""
    found: list[tuple[bool, bool, str, int]] = []
    for path in _in_order(failure):
        comments = _comment_lines(path, failure.function.files[path])
        for number, line in enumerate(failure.function.files[path].split("\n"), 1):
            if (
                number not in comments
                and _BROUGHT_IN.search(line)
                and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line)
            ):
                found.append((path != failure.handler_file, line[:1].isspace(), path, number))
    return (*min(found)[2:], 0) if found else _NOWHERE


def _comment_lines(path: str, text: str) -> set[int]:
    lines = text.split("\n")
    return {
        row + 1
        for node in syntax.nodes(path, text)
        if node.type == "comment" and not lines[node.start_point[0]][: node.start_point[1]].strip()
        for row in range(node.start_point[0], node.end_point[0] + 1)
    }


# --- syntax, and what module code raises ------------------------------------------------------------------------------


def _syntax(failure: _Failure) -> tuple[_Place, Message]:
    place = _traced(failure)
    if not place[0]:
        place = next((at for path in _in_order(failure) if (at := _broken(failure, path))), _NOWHERE)
    file, line, _ = place
    if line and not place[2]:
        place = _broken(failure, file, line) or place
    if re.search(failure.language.load_errors.only_in_modules, failure.said):
        return place, say("module-syntax", file=cut(file or failure.handler_file))
    found = detect(failure.function.files.get(file, ""))
    if found is None or not _is_another(found, failure.language, file):
        return place, say("line-to-mend")
    return place, say("looks-like", file=cut(file), language=found.label, loaded=failure.language.written_in)


def _is_another(found: Detected, language: Language, path: str) -> bool:
    """Whether a file of that name holds what it is not loaded as."""
    dialect = language.dialect
    return found.language is not language or bool(dialect and found.dialect and not path.endswith(dialect.suffixes))


def _broken(failure: _Failure, path: str, line: int = 0) -> _Place | None:
    """Where the text of a file stops making sense, as far as one can tell; on ``line`` where that is known."""
    text, errors = failure.function.files[path], failure.language.load_errors
    said = re.search(errors.unexpected, failure.said)
    token = (said["token"] or "") if said else ""
    if line and (column := _column(text.split("\n")[line - 1], failure, token)):
        return path, line, column
    for node in syntax.nodes(path, text):
        if not (node.is_error or node.is_missing) or (line and node.start_point[0] + 1 != line):
            continue
        written = text.encode("utf-8", "replace")
        at = written.find(token.encode(), node.start_byte, node.end_byte) if token else node.start_byte
        before = written[: at if at >= 0 else node.start_byte].decode("utf-8", "replace")
        return path, before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    return None


def _column(line: str, failure: _Failure, token: str) -> int:
    """The column, from 1, that the message speaks of; 0 where it does not say."""
    if re.search(failure.language.load_errors.at_end, failure.said):
        return len(line.rstrip()) + 1
    if re.search(failure.language.load_errors.at_start, failure.said):
        return len(line) - len(line.lstrip()) + 1
    return line.find(token) + 1 if token else 0


def _raised(failure: _Failure) -> tuple[_Place, Message]:
    place = _traced(failure)
    name = _variable_missing(failure, place)
    return place, say("variable-missing", name=cut(name)) if name else say("module-code-failed")


def _variable_missing(failure: _Failure, place: _Place) -> str:
    """The variable whose absence explains the error; empty where none is certain."""
    function, (file, line, _), errors = failure.function, place, failure.language.load_errors
    known = {*environment_reads.said(function.environment), *RESERVED_VARIABLES}
    if found := re.search(errors.variable, failure.said):
        source = function.files[file].split("\n")[line - 1] if file else ""
        return found["name"] if re.search(errors.variable_reader, source) else ""
    if name := environment_reads.missed_in(failure.said, function.files, known):
        return name
    if failure.kind in errors.of_no_value:
        return ""
    if not file:
        return environment_reads.unsaid(function.files, function.environment)
    return environment_reads.read_at(file, function.files[file], line, known)


def _types_missed(failure: _Failure) -> tuple[Message, ...]:
    """That types are not there at run time although a file asks for them, where the error may come of that."""
    dialect = failure.language.dialect
    file = dialect.asked_in_vain(failure.function.files, failure.said) if dialect else ""
    return (say("types-not-made", file=cut(file)),) if file else ()


def _traced(failure: _Failure) -> _Place:
    errors = failure.language.load_errors
    places = [each for each in re.finditer(errors.place, failure.trace) if each["file"] in failure.function.files]
    if not places:
        return _NOWHERE
    place = places[errors.innermost]
    line = int(place["line"][:9])
    if not 0 < line <= failure.function.files[place["file"]].count("\n") + 1:
        return _NOWHERE
    return place["file"], line, int((place.groupdict().get("column") or "0")[:9])


def _in_order(failure: _Failure) -> Iterator[str]:
    """The files of the language, the handler's first."""
    paths = [path for path in failure.function.files if language_of_file(path) is failure.language]
    yield from sorted(paths, key=lambda path: path != failure.handler_file)


def _short(module: str) -> str:
    return module.removeprefix("node:").rpartition("/")[2]


def _names(names: tuple[str, ...] | list[str] | Mapping[str, str]) -> list[str]:
    return [cut(name) for name in list(names)[:_NAMES_MAX]]


def _not_started(failure: _Failure) -> tuple[_Place, Message]:
    if not failure.said.startswith("fork/exec "):
        return _NOWHERE, say("bootstrap-missing", files=_names(failure.function.files))
    file = failure.handler_file
    return (file, 1 if file else 0, 0), say("bootstrap-foreign")


_BY_KIND: Final = {
    "Runtime.HandlerNotFound": _handler_missing,
    "Runtime.MalformedHandlerName": _malformed,
    "Runtime.CallbackHandlerDeprecated": _calls_back,
    "Runtime.UserCodeSyntaxError": _syntax,
    "Runtime.InvalidEntrypoint": _not_started,
}
