"""The documents are true: links lead somewhere, commands and variables exist, the ledger names real tests."""

import re
from pathlib import PurePosixPath

import pytest

from tests.architecture.project import ROOT, files, functions, sources, text

PROSE = [name for name in files() if name.endswith(".md") and ("/" not in name or name.startswith("docs/"))]
README = text("README.md")
LEDGER = "docs/fidelity.md"


def links(name):
    """Targets of Markdown links that point into the repository."""
    without_code = re.sub(r"```.*?```|`[^`]*`", "", text(name), flags=re.DOTALL)
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", without_code) if not re.match(r"[a-z]+:|#", link)]


def headings(name):
    titles = re.findall(r"^#+ (.+)$", text(name), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", PROSE)
def test_links_lead_somewhere(name):
    for link in links(name):
        path, _, fragment = link.partition("#")
        target = (ROOT / name).parent.joinpath(path).resolve().relative_to(ROOT)
        assert (ROOT / target).exists(), f"{name}: {link}"
        assert not fragment or fragment in headings(str(target)), f"{name}: {link}"


def makefile_targets():
    return set(re.findall(r"^([a-z][a-z0-9-]*):", text("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("name", PROSE)
def test_make_commands_exist(name):
    code = re.findall(r"```.*?```|`[^`]+`", text(name), re.DOTALL)
    asked = {target for piece in code for target in re.findall(r"\bmake ([a-z][a-z0-9-]*)", piece)}
    assert asked <= makefile_targets()


def test_the_readme_names_every_command():
    asked = set(re.findall(r"`?make ([a-z]+)", README))
    everyday = {name for name, _ in re.findall(r"^([a-z-]+):.*(## )", text("Makefile"), re.MULTILINE)} - {"help"}
    assert everyday <= asked


@pytest.mark.parametrize("name", PROSE)
def test_python_commands_exist(name):
    for module in re.findall(r"python -m ([a-z_.]+)", text(name)):
        path = PurePosixPath(*module.split("."))
        assert module == "pytest" or f"{path}.py" in files() or f"{path}/__main__.py" in files(), f"{name}: {module}"


def test_the_command_lines_commands_exist():
    asked = set(re.findall(r"python -m sandbox_runner ([a-z]+)", "".join(map(text, PROSE))))
    program = "".join(text(name) for name in files() if re.fullmatch(r"sandbox_runner/(__main__|cli\w*)\.py", name))
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


def test_decisions_are_numbered_without_a_gap():
    numbers = [int(name[9:13]) for name in files() if re.match(r"docs/adr/\d{4}-[a-z0-9-]+\.md$", name)]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("name", [name for name in PROSE if name.startswith("docs/adr/")])
def test_a_decision_says_its_state_why_and_what(name):
    number = name[9:13]
    assert re.match(rf"# {number}\. .+\n\n(Accepted|Superseded by \[\d{{4}}\]\S+)\.\n", text(name))
    assert "\n## Why\n" in text(name)
    assert "\n## Decision\n" in text(name)


def test_every_dependency_has_its_reason():
    reasons = text("docs/adr/0008-dependencies.md")
    wanted = re.search(r"^dependencies = \[(.*?)^\]", text("pyproject.toml"), re.MULTILINE | re.DOTALL)[1]
    names = re.findall(r'"([a-z][a-z0-9-]*)', wanted)
    silent = {name for name in names if name not in reasons and name.removeprefix("tree-sitter") not in reasons}
    assert not silent


@pytest.mark.parametrize("pattern", ["**/*.py", "**/*.md", "**/*.html"])
def test_no_document_is_left_to_do(pattern):
    marks = ("TO" + "DO", "FIX" + "ME", "X" + "XX")
    left = [
        name
        for name in files()
        if PurePosixPath(name).match(pattern) and any(re.search(rf"\b{m}\b", text(name)) for m in marks)
    ]
    assert not left


# --- the ledger ---------------------------------------------------------------------------------------------------


def ledger():
    """Rows of the ledger: behaviour, state, how, source, test."""
    rows = re.findall(r"^\| (?!---|behaviour)(.+) \|$", text(LEDGER), re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in rows]


def known_tests():
    return {f"{name}::{dotted.rsplit('.', 1)[-1]}" for name in sources("tests") for dotted, _ in functions(name)}


@pytest.mark.parametrize("row", ledger(), ids=lambda row: row[0][:60])
def test_a_row_of_the_ledger_is_complete(row):
    assert len(row) == 5
    _, state, how, source, test = row
    assert state in {"emulated", "approximated", "absent"}
    assert how
    assert re.match(r"<?https://|[\w.-]+/[\w.-]+(: |$)", source), source
    assert re.search(r"`[\w/]+\.py::test_\w+`", test), "every row has a test; of what is absent, what happens instead"


@pytest.mark.parametrize("row", ledger(), ids=lambda row: row[0][:60])
def test_a_test_that_the_ledger_names_exists(row):
    for test in re.findall(r"`([^`]+)`", row[-1]):
        assert f"tests/{test}" in known_tests(), test
