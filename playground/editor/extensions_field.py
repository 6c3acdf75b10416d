"""Extensions as the form has them: YAML, each program as a text by its name. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.editor.scenario_yaml import as_yaml
from playground.i18n.marking import language
from sandbox_runner.errors import ScenarioError
from sandbox_runner.scenario.yaml_reader import read_document

if TYPE_CHECKING:
    from collections.abc import Mapping


def extensions_mapping(text: str, errors: dict[str, str]) -> dict[str, Any]:
    """What the text adds to a function: nothing where it is empty. Adds to ``errors``."""
    if not text.strip():
        return {}
    try:
        return {"extensions": read_document(text).data}
    except ScenarioError as error:
        errors["extensions"] = error.told(language())
        return {}


def extensions_text(extensions: Mapping[str, str]) -> str:
    """The text that means ``extensions``; empty where there are none."""
    return as_yaml(dict(extensions)) if extensions else ""
