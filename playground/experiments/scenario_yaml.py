"""A scenario as the file that the command line plays: YAML that people can read and edit. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from sandbox_runner.scenario import Scenario


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, wherever YAML can."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def scenario_yaml(scenario: Scenario) -> str:
    """The text of the file, in ASCII; reading it gives an equal scenario."""
    text: str = yaml.dump(scenario.to_json(), Dumper=_Dumper, sort_keys=False, width=100)
    return text
