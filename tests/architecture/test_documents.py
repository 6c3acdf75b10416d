"""The documents are true: links lead somewhere, commands and variables exist, the ledger names real tests."""

import functools
import itertools
import re
import tomllib
from pathlib import PurePosixPath

from sandbox_runner.event_templates import TEMPLATES
from tests.architecture.project import ROOT, files, functions, sources, text

PROSE = [name for name in files() if name.endswith(".md") and ("/" not in name or name.startswith("docs/"))]
README = text("README.md")
LEDGER = "docs/fidelity.md"


def links(name):
    """Targets of Markdown links that point into the repository."""
    without_code = re.sub(r"```.*?```|`[^`]*`", "", text(name), flags=re.DOTALL)
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", without_code) if not re.match(r"[a-z]+:|#", link)]


@functools.cache
def headings(name):
    titles = re.findall(r"^#+ (.+)$", text(name), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def leads_somewhere(name, link):
    path, _, fragment = link.partition("#")
    target = (ROOT / name).parent.joinpath(path).resolve().relative_to(ROOT)
    return (ROOT / target).exists() and (not fragment or fragment in headings(str(target)))


def test_links_lead_somewhere():
    broken = [f"{name}: {link}" for name in PROSE for link in links(name) if not leads_somewhere(name, link)]
    assert not broken


def makefile_targets():
    return set(re.findall(r"^([a-z][a-z0-9-]*):", text("Makefile"), re.MULTILINE))


def make_commands(name):
    code = re.findall(r"```.*?```|`[^`]+`", text(name), re.DOTALL)
    return {target for piece in code for target in re.findall(r"\bmake ([a-z][a-z0-9-]*)", piece)}


def test_make_commands_exist():
    unknown = {name: wrong for name in PROSE if (wrong := make_commands(name) - makefile_targets())}
    assert not unknown


def test_the_readme_names_every_command():
    asked = set(re.findall(r"`?make ([a-z][a-z-]*)", README))
    everyday = {name for name, _ in re.findall(r"^([a-z-]+):.*(## )", text("Makefile"), re.MULTILINE)} - {"help"}
    assert everyday <= asked


def is_runnable(module):
    path = PurePosixPath(*module.split("."))
    return module == "pytest" or f"{path}.py" in files() or f"{path}/__main__.py" in files()


def test_python_commands_exist():
    asked = [(name, module) for name in PROSE for module in re.findall(r"python -m ([a-z_.]+)", text(name))]
    assert not [(name, module) for name, module in asked if not is_runnable(module)]


def test_the_command_lines_commands_exist():
    asked = set(re.findall(r"python -m sandbox_runner ([a-z]+)", "".join(map(text, PROSE))))
    program = "".join(text(name) for name in files() if re.fullmatch(r"sandbox_runner/(__main__|cli/\w+)\.py", name))
    assert asked
    assert asked <= set(re.findall(r'\("([a-z]+)"', program))


def variables(*names):
    found = re.findall(r"HOLDOVER_[A-Z][A-Z_]*[A-Z]", "".join(map(text, names)))
    return {name for name in found if not name.startswith("HOLDOVER_TEST_")}


def test_the_readmes_variables_are_those_that_the_program_reads():
    assert variables(*sources("sandbox_runner", "playground", "holdover_client")) == variables("README.md")


def test_the_deployments_variables_are_asked_for_in_its_example():
    asked = set(re.findall(r"\$\{(HOLDOVER_[A-Z_]+)", text("docker-compose.yml")))
    assert asked == variables(".env.example")


# What a team's installation decides otherwise, or what belongs to one machine or to the command alone.
NOT_PASSED_ON = {
    *("HOLDOVER_DATA", "HOLDOVER_CACHE", "HOLDOVER_URL", "HOLDOVER_TOKEN"),
    *("HOLDOVER_DATABASE_URL", "HOLDOVER_REDIS_URL", "HOLDOVER_PRODUCTION", "HOLDOVER_BACKEND"),
}


def test_the_deployment_passes_on_every_variable_that_the_readme_names():
    passed = set(re.findall(r"^    (HOLDOVER_[A-Z_]+):", text("docker-compose.yml"), re.MULTILINE))
    assert variables("README.md") - NOT_PASSED_ON - passed == set()


def test_decisions_are_numbered_without_a_gap():
    numbers = [int(name[9:13]) for name in files() if re.match(r"docs/adr/\d{4}-[a-z0-9-]+\.md$", name)]
    assert numbers == list(range(1, len(numbers) + 1))


def missing_of_a_decision(name):
    head = rf"# {name[9:13]}\. .+\n\n(Accepted|Superseded by \[\d{{4}}\]\S+)\.\n"
    said = {
        "number, title and state": re.match(head, text(name)),
        "why": "\n## Why\n" in text(name),
        "what": "\n## Decision\n" in text(name),
    }
    return [what for what, there in said.items() if not there]


def test_a_decision_says_its_state_why_and_what():
    decisions = [name for name in PROSE if name.startswith("docs/adr/")]
    assert decisions
    assert not {name: missing for name in decisions if (missing := missing_of_a_decision(name))}


def test_every_dependency_has_its_reason():
    reasons = text("docs/adr/0008-dependencies.md")
    project = tomllib.loads(text("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    names = {re.match(r"[a-z0-9-]+", one)[0] for one in wanted} - {"holdover"}
    silent = {name for name in names if name not in reasons and name.removeprefix("tree-sitter") not in reasons}
    assert not silent


def test_no_document_is_left_to_do():
    marks = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")) + r")\b")
    assert not [name for name in files() if name.endswith((".py", ".md", ".html")) and marks.search(text(name))]


# --- the ledger ---------------------------------------------------------------------------------------------------


def ledger():
    """Rows of the ledger: behaviour, state, how, source, test."""
    rows = re.findall(r"^\| (?!---|behaviour)(.+) \|$", text(LEDGER), re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in rows]


def known_tests():
    return {f"{name}::{dotted.rsplit('.', 1)[-1]}" for name in sources("tests") for dotted, _ in functions(name)}


def missing_of_a_row(row):
    """What a row lacks; of what is absent, its test shows what happens instead."""
    if len(row) != 5:
        return ["five cells"]
    _, state, how, source, test = row
    said = {
        "a state": state in {"emulated", "approximated", "absent"},
        "how": how,
        "a source": re.match(r"<?https://|[\w.-]+/[\w.-]+(: |$)", source),
        "a test": re.search(r"`[\w/]+\.py::test_\w+`", test),
    }
    return [what for what, there in said.items() if not there]


def test_the_rows_of_the_ledger_are_complete():
    assert ledger()
    assert not {row[0]: missing for row in ledger() if (missing := missing_of_a_row(row))}


def test_the_tests_that_the_ledger_names_exist():
    known = known_tests()
    named = [(row[0], test) for row in ledger() for test in re.findall(r"`([^`]+)`", row[-1])]
    assert not [(row, test) for row, test in named if f"tests/{test}" not in known]


def test_the_list_of_event_templates_is_that_of_the_code():
    rows = re.findall(r"^\| `([\w-]+)` \| (.*) \| <(.*)> \|$", text("docs/events.md"), re.MULTILINE)
    listed = {name: (set(re.findall(r"`(\w+)`", parts)), page) for name, parts, page in rows}
    known = {name: (set(each.parts.model_fields) - {"merge"}, each.source) for name, each in TEMPLATES.items()}
    assert listed == known


def test_the_counts_of_the_security_standard_are_those_of_its_rows():
    page = text("docs/asvs.md")
    states = re.findall(r"^\| \d+\.\d+\.\d+ \| [12] \| (met|not met|not ours) \|", page, re.MULTILINE)

    met, missed, foreign = (states.count(state) for state in ("met", "not met", "not ours"))

    assert f"Of {len(states)} requirements {met} are met, {missed} are not, and {foreign} are not ours." in page
    assert len(states) == 253
