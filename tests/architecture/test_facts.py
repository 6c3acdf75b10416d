"""What is said is made in one place, and nothing takes it apart again."""

import ast
import re

from sandbox_runner.messages import en
from sandbox_runner.messages.codes import CODES, PROBLEM
from tests.architecture.project import files, sources, tree

CATALOGUE = "sandbox_runner/messages/"
GONE = {"phrase", "steps_in_words", "finding_sentence", "is_english", "in_words", "named_in"}
# A stretch of a template that is long enough to be nobody else's by chance.
STRETCH = re.compile(r"[^{}|`]{18,}")


def elsewhere():
    """Every source that is no catalogue."""
    return [
        name for name in sources("sandbox_runner", "playground", "holdover_client") if not name.startswith(CATALOGUE)
    ]


def stretches(without=()):
    """What the English templates say, without their fields."""
    templates = (template for code, template in en.TEMPLATES.items() if code not in without)
    said = {stretch.strip() for template in templates for stretch in STRETCH.findall(template)}
    return {each for each in said if " " in each and len(each) >= 18}


def texts(name):
    """Every text of a module but its docstrings."""
    module = tree(name)
    prose = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
    ]


def test_no_sentence_of_the_catalogue_is_written_anywhere_else():
    # What forms, queries and bodies may not have is said by the pages in gettext, in part in the same words.
    everything, of_pages = stretches(), stretches(without=PROBLEM)
    found = {
        (name, each)
        for name in elsewhere()
        for text in texts(name)
        for each in (of_pages if name.startswith("playground/") else everything)
        if each in text
    }
    assert found == set()


def test_no_pattern_is_made_to_match_what_the_catalogue_says():
    """A regular expression is tried on every sentence; one that is not for such texts does not match a whole one."""
    said = {re.sub(r"\{[^{}]*\}", "x", template) for template in en.TEMPLATES.values() if " " in template}
    found = []
    for name in elsewhere():
        for call in ast.walk(tree(name)):
            if not (isinstance(call, ast.Call) and ast.unparse(call.func).startswith("re.") and call.args):
                continue
            words = " ".join(each.value for each in ast.walk(call.args[0]) if _is_text(each))
            found += [(name, each) for each in stretches() if re.escape(each) in words or each in words]
    assert said
    assert found == []


def test_what_took_sentences_apart_is_gone():
    defined = {
        (name, node.name)
        for name in elsewhere()
        for node in ast.walk(tree(name))
        if isinstance(node, ast.FunctionDef) and node.name in GONE
    }
    # Search has phrases of its own, of what people look for.
    assert defined - {("playground/library/search/tokens.py", "phrase")} == set()
    assert [name for name in files() if name.endswith("/told.py") and not name.startswith("tests/")] == []


def test_results_keep_codes_and_no_sentences():
    """A model that is stored has messages; its sentence is empty until it leaves."""
    judged = ("sandbox_runner/verdict/", "sandbox_runner/proof/", "sandbox_runner/projections/")
    kept = [
        (name, node.arg)
        for name in elsewhere()
        if name.startswith(judged)
        for node in ast.walk(tree(name))
        if isinstance(node, ast.keyword) and node.arg in ("sentence", "detail", "verdict_sentence")
    ]
    assert kept == []
    assert CODES


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
