"""A scenario as the file that the command line plays: YAML that people can read and edit. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import yaml

from sandbox_runner.messages import render
from sandbox_runner.runtimes.stand_ins import said_of

if TYPE_CHECKING:
    from sandbox_runner.scenario.model import Scenario

# Readers of YAML 1.1 and 1.2 do not agree on which of these are numbers.
_NUMBER_LIKE: Final = re.compile(r"[-+.]?[0-9]")


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, wherever YAML can."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else '"' if _NUMBER_LIKE.match(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def as_yaml(value: object) -> str:
    """Plain data as YAML in ASCII; reading it gives equal data."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=100)
    return text


def scenario_yaml(scenario: Scenario) -> str:
    """The text of the file, in ASCII; reading it gives an equal scenario."""
    said = "".join(f"# {render(message)}\n" for message in said_of(scenario.stand_ins))
    return said + as_yaml(scenario.to_json())
