"""What the rest of the program may ask of a runtime and of its language. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from sandbox_runner.runtimes.dialect import Transformed
from sandbox_runner.runtimes.requirements import requirements_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from tree_sitter import Language as Syntax
    from tree_sitter import Node

    from sandbox_runner.runtimes.dialect import Dialect
    from sandbox_runner.runtimes.requirements import Packages, Requirements

# The first word of a leaf that a probe saw in the process; a result names places by it.
ModuleRoot: TypeAlias = Literal["python-module", "node-module"]

REQUEST_ID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@dataclass(frozen=True, slots=True)
class Grammar:
    """The kinds of syntax node that matter in one language.

    :ivar around: what stands around a value and leaves it what it is, such as a type.
    """

    language: Syntax
    text: frozenset[str]
    number: frozenset[str]
    name: frozenset[str]
    function: frozenset[str]
    parameters: frozenset[str]
    assignment: frozenset[str]
    declaration: frozenset[str]
    update: frozenset[str]
    member: frozenset[str]
    call: str
    around: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Exported:
    """A name by which a module's caller finds something; ``parameters`` are ``None`` where it may be no function."""

    name: str
    parameters: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Module:
    """What the text of one file offers.

    :ivar statements: how many of its statements are such as code has and other texts have not.
    :ivar suffixes: the endings that a file with this text may have, the plainest first; empty where all of the
        language's will do.
    """

    exported: tuple[Exported, ...]
    statements: int
    suffixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadErrors:
    """How AWS's client and the language say that code does not load: patterns for their messages.

    :ivar around: what the client puts around a message of the language's own.
    :ivar missing: names what was not there to be imported, as ``module``.
    :ivar not_exported: names what a module does not have, as ``name``, and the ``module``.
    :ivar place: a place below the task root in a stack trace, as ``file``, ``line`` and perhaps ``column``.
    :ivar innermost: which of the places in a trace is where the error came up, the first (0) or the last (-1).
    :ivar unexpected: names what the parser did not expect, as ``token``.
    :ivar at_end: what it says of the end of a line, where a thing is missing.
    :ivar at_start: what it says of the first word of a line.
    :ivar only_imported: the ES module that cannot be brought in by ``require``, as ``module``.
    :ivar only_in_modules: says that what only an ES module may have is in a file that is loaded as none.
    :ivar variable: names what may be an environment variable that is not set, as ``name``.
    :ivar variable_reader: what reads one, in the line where it came up.
    :ivar in_package: the installed package whose own file was looking for something, as ``package``, in a trace.
    :ivar of_no_value: the errors that are of the code's own names, whatever its values are.
    :ivar placed: the place at which what transforms a file found a mistake, before its message: groups as in ``place``.
    """

    around: str
    missing: str
    not_exported: str
    place: str
    innermost: Literal[0, -1]
    unexpected: str
    at_end: str = r"(?!)"
    at_start: str = r"(?!)"
    placed: str = r"(?!)"
    only_imported: str = r"(?!)"
    only_in_modules: str = r"(?!)"
    variable: str = r"(?!)"
    variable_reader: str = r"(?!)"
    in_package: str = r"(?!)"
    of_no_value: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class VariableReads:
    """How code of a language reads environment variables: patterns for its text.

    :ivar read: a place that reads the variable ``name``; ``instead`` is there where the code goes on with another
        value, and ``fails``, which a language may have, where reading raises if the variable is not set.
    :ivar given: the beginning of a line that gives a value to ``name``.
    """

    read: str = r"(?!)"
    given: str = r"(?!)"


@dataclass(frozen=True, slots=True)
class Language:
    """What every runtime of one language has in common.

    :ivar key: how texts are filed by language, ``python``.
    :ivar label: its name for a person.
    :ivar written_in: the name of what its files are written in, ``JavaScript``.
    :ivar logged_name: what the service calls it in a runtime version.
    :ivar interpreter: the interpreter's name among the versions of an image.
    :ivar suffixes: the endings of its files, in the order in which the service looks for a handler's.
    :ivar module_name: how the probe calls the module in a file, by its path below the task root.
    :ivar module_root: what the probe calls a place in the process; ``None`` without a probe.
    :ivar grammar: of its own files; ``None`` where nothing of them is read.
    :ivar log_frame: what the client puts before a message in the text format, the request's id as group ``id``.
    :ivar value_behind_get: what kind of place lets go of its value by a method ``get``.
    :ivar read_module: what a file offers, by the root of its syntax tree.
    :ivar typical: a pattern for lines that this language alone has; its group ``name`` is a function's, where one is
        declared there.
    :ivar handler_names: what handlers are called, the usual name first.
    :ivar dialect: a language that is transformed into this one.
    :ivar load_errors: how it is said that code does not load.
    :ivar own_modules: what can be imported without being in a file of the function.
    :ivar package_file: the file that makes a folder a package, whose modules are imported by the folder's name.
    :ivar keyed_by_attributes: whether an attribute of an object may be a key of somebody's.
    :ivar steady_variables: what makes two equal replays equal, where the language leaves something to chance.
    :ivar accessor: a line behind a module's own that lets the probe set the variable ``{name}`` of it, known to the
        probe as ``{place}``; empty where a module's variables are within reach as they are.
    :ivar packages: how it names what it needs from a package index; ``None`` if nothing is installed for it.
    :ivar variables: how its code reads environment variables.
    """

    key: str
    label: str
    written_in: str
    logged_name: str
    interpreter: str
    suffixes: tuple[str, ...]
    default_file: str
    default_handler: str
    module_name: Callable[[str], str]
    module_root: ModuleRoot | None
    grammar: Grammar | None
    read_module: Callable[[Node], Module]
    typical: str
    handler_names: tuple[str, ...]
    load_errors: LoadErrors
    own_modules: frozenset[str]
    log_frame: str
    value_behind_get: Literal["cache", "context"]
    dialect: Dialect | None = None
    package_file: str = ""
    keyed_by_attributes: bool = False
    steady_variables: Mapping[str, str] = field(default_factory=dict)
    accessor: str = ""
    packages: Packages | None = None
    variables: VariableReads = VariableReads()

    @property
    def all_suffixes(self) -> tuple[str, ...]:
        """The endings of every file that it can be written in, its own first."""
        return self.suffixes + (self.dialect.suffixes if self.dialect else ())

    def grammar_of(self, path: str) -> Grammar | None:
        """The grammar of the file of that name."""
        others = self.dialect.grammars if self.dialect else {}
        return next((grammar for suffix, grammar in others.items() if path.endswith(suffix)), self.grammar)

    def transformed(self, files: Mapping[str, str], first: tuple[str, ...]) -> Transformed:
        """A function's files as the sandbox gets them, and what is made of them there.

        :param first: the paths at which its handler may be.
        """
        return self.dialect.transformed(files, first) if self.dialect else Transformed(files, {})


def source(node: Node | None) -> str:
    """The text of a node."""
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def consists_of(node: Node, kinds: Collection[str]) -> bool:
    """Whether a node and every named one within it are of these kinds."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each.type not in kinds:
            return False
        waiting.extend(each.named_children)
    return True


@dataclass(frozen=True, slots=True)
class WheelsRecipe:
    """A client of wheels on the interpreter that the image's system has, ``/usr/bin/python{interpreter}``.

    :ivar sdk: the wheels of AWS's SDK and of what it needs, which lie apart from the client.
    """

    interpreter: str
    wheels: tuple[str, ...]
    sdk: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompiledRecipe:
    """A client that is compiled against the interpreter it comes with, both of these versions.

    :ivar sdk: the packages of AWS's SDK, each as ``name@version``.
    :ivar esbuild: the version of what transforms a function's files.
    """

    interpreter: str
    client: str
    sdk: tuple[str, ...]
    esbuild: str


@dataclass(frozen=True, slots=True)
class SystemRecipe:
    """Nothing beside the image's system: the function brings the rest."""

    @property
    def interpreter(self) -> str:
        """None that the function could ask for."""
        return ""


Recipe: TypeAlias = WheelsRecipe | CompiledRecipe | SystemRecipe


@dataclass(frozen=True, slots=True)
class Runtime:
    """One runtime of Lambda.

    :ivar identifier: how a configuration names it, ``python3.13``.
    :ivar release: the release of its language, ``3.13`` or ``22``.
    :ivar recipe: what its part of the sandbox image is made from.
    :ivar versions: of its interpreter and its client, by name.
    :ivar sdk: of AWS's SDK and what comes with it, by the names of its packages.
    :ivar command: how the supervisor starts its client; the handler follows. Empty where there are ``entry_points``.
    :ivar entry_points: the programs of the function's own, of which the first that is there is started, as it is.
    :ivar probed_command: the command with the probe, empty without one. Places in braces are filled in by the
        supervisor, see :meth:`sandbox_runner.guest.manifest.Runtime.probed_command`.
    :ivar unless: words of both commands that are left out where a function's variable has a word: the word that is left
        out, the variable, and the word in it.
    :ivar transformed: words of both commands that are left out where nothing of the function was transformed.
    :ivar transformer: the command that does it, asked over its standard input.
    :ivar environment: the variables that a managed runtime sets by itself, beside those that all set.
    :ivar with_packages: words that follow the program where packages are installed for the function.
    :ivar with_trust: words that follow the program where it is to trust the system's certificates.
    :ivar suite: the release of Debian, by name, whose files its image has.
    :ivar is_default: whether a new function has it; one has.
    :ivar takes_callbacks: whether a handler may have a third parameter, by which it calls back with its answer.
    :ivar several: the variables that it has, unless the function sets them itself, where its client serves several
        requests at once; ``None`` where that client serves one at a time.
    :ivar on_demand: whether its image is made only when a function needs it, and holds nothing else.
    """

    identifier: str
    release: str
    language: Language
    recipe: Recipe
    versions: Mapping[str, str]
    sdk: Mapping[str, str]
    command: tuple[str, ...]
    probed_command: tuple[str, ...]
    environment: Mapping[str, str]
    entry_points: tuple[str, ...] = ()
    unless: tuple[tuple[str, str, str], ...] = ()
    with_packages: tuple[str, ...] = ()
    with_trust: tuple[str, ...] = ()
    transformed: tuple[str, ...] = ()
    transformer: tuple[str, ...] = ()
    suite: str = "trixie"
    is_default: bool = False
    takes_callbacks: bool = True
    several: Mapping[str, str] | None = None
    on_demand: bool = False

    @property
    def label(self) -> str:
        """Its name for a person: ``Python 3.13``."""
        return f"{self.language.label} {self.release}"

    def requirements(self, files: Mapping[str, str]) -> Requirements | None:
        """What a function with these files asks of a package index; ``None`` for nothing.

        :raises RefusedRequirementError: something in them is not installed.
        """
        return requirements_of(self.language.packages, self.release, files)

    @property
    def installed(self) -> dict[str, str]:
        """Versions of all that the image carries for it, by package."""
        return {**self.versions, **self.sdk}

    @property
    def is_probed(self) -> bool:
        """Whether there is a probe that reads the state of its process."""
        return bool(self.probed_command)

    def handler_files(self, handler: str) -> tuple[str, ...]:
        """The paths at which the file of ``handler`` may be, in the order in which they are tried."""
        if self.entry_points:
            return (self.language.default_file,)
        module = handler.rpartition(".")[0].replace(".", "/")
        return tuple(module + suffix for suffix in self.language.all_suffixes)

    def logged_version(self, versions: Mapping[str, str]) -> str:
        """The version that INIT_START shows; after ``v`` the image's patch level, where AWS counts its own builds.

        :param versions: what the image has, by name.
        """
        installed = versions.get(self.language.interpreter, "")
        patch = installed.removeprefix(self.release).strip(".").split(".")[0] or "0"
        return f"{self.language.logged_name}:{self.release}.v{patch}"

    def manifest_entry(self, shared: Mapping[str, str]) -> dict[str, Any]:
        """What the image's manifest says of it.

        Without an interpreter of Lambda's there is no variable that names it:
        https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html.

        :param shared: the variables that every runtime sets.
        """
        named = {} if self.entry_points else {"AWS_EXECUTION_ENV": f"AWS_Lambda_{self.identifier}"}
        return {
            "identifier": f"{self.language.logged_name}:{self.recipe.interpreter}",
            "versions": self.installed,
            "command": list(self.command),
            "probed_command": list(self.probed_command),
            "entry_points": list(self.entry_points),
            "unless": [list(each) for each in self.unless],
            "with_packages": list(self.with_packages),
            "with_trust": list(self.with_trust),
            "transformed": list(self.transformed),
            "transformer": list(self.transformer),
            "environment": {**shared, **named, **self.environment},
        }
