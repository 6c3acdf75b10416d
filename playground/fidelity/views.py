"""The page of the ledger: how faithful each behaviour is, with its source and its test; and of what is installed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from playground.fidelity.document import Ledger, read_ledger
from playground.fidelity.ledger_page import ledger_page
from playground.fidelity.runtimes_page import families
from sandbox_runner.runtimes.managed import READ_ON, SOURCE
from sandbox_runner.runtimes.registry import RUNTIMES

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

# Languages in which the rows say what Lambda does.
TRANSLATED: Final = ("ja",)
_DOCUMENT: Final = Path(__file__).resolve().parents[2] / "docs" / "fidelity.md"


@cache
def ledger() -> Ledger:
    """The document, read once; empty where it was not installed."""
    return read_ledger(_DOCUMENT.read_text(encoding="utf-8")) if _DOCUMENT.exists() else Ledger(())


@cache
def behaviours(language: str) -> dict[str, str]:
    """The behaviours of the rows in that language, by the rows' names; none in English, or where there are none."""
    path = Path(__file__).parent / f"behaviours.{language}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8")) if language in TRANSLATED and path.exists() else {}


@require_safe
def installed(request: HttpRequest) -> HttpResponse:
    """What the image carries for each runtime."""
    return render(request, "installed.html", {"runtimes": RUNTIMES})


@require_safe
def runtimes(request: HttpRequest) -> HttpResponse:
    """Lambda's managed runtimes, and what happens with each."""
    context = {"families": families(timezone.now().date()), "source": SOURCE, "read_on": READ_ON}
    return render(request, "runtimes.html", context)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every row, or those of one state."""
    translations = behaviours(get_language() or "")
    shown = ledger_page(ledger(), request.GET.get("state", ""), translations)
    return render(request, "fidelity.html", {"page": shown})
