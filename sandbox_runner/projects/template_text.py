"""Parses a template to plain data: YAML with CloudFormation's short tags, or JSON. Pure.

A tag becomes what it stands for: ``!Ref a`` is ``{"Ref": "a"}`` and ``!Sub a`` is ``{"Fn::Sub": "a"}``
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html). Aliases are
expanded, and counted each time, so that a text of a few lines cannot become a gigabyte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

from sandbox_runner.messages import say
from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from sandbox_runner.messages import Message

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html: a template has 1 MB.
TEMPLATE_BYTES_MAX: Final = 1024 * 1024
_NODES_MAX: Final = 50_000
_DEPTH_MAX: Final = 60
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SAFE: Final = yaml.SafeLoader("")
_PLAIN: Final = "tag:yaml.org,2002:"
# Those that are not written with "Fn::" in full.
_SHORT: Final = frozenset({"Ref", "Condition"})


class TemplateError(Exception):
    """The text is no template that can be read; ``message`` says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.code)
        self.message = message


def read_template(text: str, path: str) -> Any:
    """The data of a template.

    :param path: its name, for the sentence.
    :raises TemplateError: it is neither YAML nor JSON, or too much.
    """
    try:
        node = yaml.compose(text, Loader=_LOADER)
        return _Reading().value(node, 0) if node is not None else None
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = mark.line + 1 if mark else 0
        raise TemplateError(say("template-unreadable", path=path, line=line, detail=_short(problem.problem))) from None
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as problem:
        raise TemplateError(say("template-unreadable", path=path, line=0, detail=_short(str(problem)))) from None
    except _TooMuch:
        raise TemplateError(say("template-too-large", path=path)) from None


def _short(detail: str | None) -> str:
    return visible((detail or "").partition("\n")[0])[:120]


class _TooMuch(Exception):  # noqa: N818 - counted, not failed
    """More nodes, or deeper, than a template has."""


class _Reading:
    """From nodes to data, counting them."""

    def __init__(self) -> None:
        self._count = 0

    def value(self, node: yaml.Node, level: int) -> Any:
        self._count += 1
        if self._count > _NODES_MAX or level > _DEPTH_MAX:
            raise _TooMuch
        found = self._content(node, level)
        return _long_form(node.tag[1:], found) if node.tag.startswith("!") and len(node.tag) > 1 else found

    def _content(self, node: yaml.Node, level: int) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, level)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, level + 1) for each in node.value]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, level: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == f"{_PLAIN}merge":
                for each in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    part = self.value(each, level + 1)
                    merged = {**part, **merged} if isinstance(part, dict) else merged
            else:
                found[str(_scalar(key))] = self.value(value, level + 1)
        return {**merged, **found}


def _scalar(node: yaml.Node) -> Any:
    # Dates stay as they were written: a template's version is one.
    if node.tag in (f"{_PLAIN}int", f"{_PLAIN}float", f"{_PLAIN}bool", f"{_PLAIN}null"):
        return _SAFE.construct_object(node)
    return node.value if isinstance(node, yaml.ScalarNode) else ""


def _long_form(tag: str, value: Any) -> dict[str, Any]:
    if tag == "GetAtt" and isinstance(value, str):
        value = [*value.split(".", 1)]
    return {tag if tag in _SHORT else f"Fn::{tag}": value}
