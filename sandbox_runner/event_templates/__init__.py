"""Payloads in the shapes in which AWS services send them, with a caller's own values, and event patterns; pure."""

from sandbox_runner.event_templates.caller import Caller
from sandbox_runner.event_templates.registry import NAMES, TEMPLATES, event_schema, made, with_event
from sandbox_runner.event_templates.template import Parts, Template

__all__ = ["NAMES", "TEMPLATES", "Caller", "Parts", "Template", "event_schema", "made", "with_event"]
