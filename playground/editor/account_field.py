"""AWS's services beside the function as the form has them: YAML, of the resources or of the whole account. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.editor.scenario_yaml import as_yaml
from playground.i18n.marking import language
from sandbox_runner.errors import ScenarioError
from sandbox_runner.scenario.yaml_reader import read_document

if TYPE_CHECKING:
    from sandbox_runner.scenario.account.settings import AccountSettings


def account_mapping(text: str, errors: dict[str, str]) -> dict[str, Any]:
    """What the text adds to a scenario: nothing where it is empty. A list is the resources. Adds to ``errors``.

    A scenario has an account since version 2.
    """
    if not text.strip():
        return {}
    try:
        found = read_document(text).data
    except ScenarioError as error:
        errors["account"] = error.told(language())
        return {}
    return {"version": 2, "account": {"resources": found} if isinstance(found, list) else found}


def account_text(account: AccountSettings | None) -> str:
    """The text that means ``account``; empty where there is none."""
    if account is None:
        return ""
    said = account.model_dump(mode="json", exclude_unset=True) or {"services": account.services}
    return as_yaml(said["resources"] if said.keys() == {"resources"} else said)
