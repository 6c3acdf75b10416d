"""What the editor asks for while somebody types: Python as its formatter writes it, and examples of events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from playground.editor.event_examples import event_examples as examples
from playground.editor.formatting import NotFormattedError, formatted_python

if TYPE_CHECKING:
    from django.http import HttpRequest


@never_cache
@require_POST
def format_python(request: HttpRequest) -> JsonResponse:
    """The text, or what keeps it from being formatted with its line and column, 0 where it is at none."""
    try:
        return JsonResponse({"text": formatted_python(request.POST.get("text", ""))})
    except NotFormattedError as problem:
        return JsonResponse({"why": problem.why, "line": problem.line, "column": problem.column})


@never_cache
@require_safe
def event_examples(_request: HttpRequest) -> JsonResponse:
    """Payloads by the name of their event template."""
    return JsonResponse(examples())
