"""A run's picture as PNG, drawn from the page's timeline with the bundled fonts."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import resvg_py
from django.contrib.staticfiles import finders
from django.core.cache import cache as kept
from django.template.loader import render_to_string

from playground.embeds.card import HEIGHT, WIDTH, card
from playground.embeds.svg_styles import picture_styles

if TYPE_CHECKING:
    from sandbox_runner.results.model import RunResult

FONTS: Final = Path(__file__).parent / "fonts"
# A finished run never changes, but its drawing may: then increase this number.
DRAWING: Final = 2
KEPT_S: Final = 24 * 3600


def kept_png(run_id: str, result: RunResult) -> bytes:
    """The picture, drawn at most once a day."""
    key = f"picture-{DRAWING}-{run_id}"
    if isinstance(found := kept.get(key), str):
        return base64.b64decode(found)
    drawn = png(result)
    kept.set(key, base64.b64encode(drawn).decode("ascii"), KEPT_S)
    return drawn


def png(result: RunResult) -> bytes:
    """The picture."""
    svg = render_to_string("embeds/card.svg", {"card": card(result)})
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            width=WIDTH,
            height=HEIGHT,
            style_sheet=_styles(),
            font_files=[str(path) for path in sorted(FONTS.glob("*.ttf"))],
            font_family="DejaVu Sans",
            sans_serif_family="DejaVu Sans",
            monospace_family="DejaVu Sans Mono",
            skip_system_fonts=not _needs_other_fonts(svg),
        )
    )


def _needs_other_fonts(svg: str) -> bool:
    """Whether it has characters, such as Japanese ones, that only the machine's fonts may have."""
    return any(character >= "\u2e80" for character in svg)


@cache
def _styles() -> str:
    colours, styles = (_sheet(name) for name in ("css/base.css", "css/run.css"))
    return picture_styles(colours, styles)


def _sheet(name: str) -> str:
    found = finders.find(name)
    return Path(found).read_text("utf-8") if found else ""
