"""The sandbox that ran something, in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.i18n.marking import _, language, told
from sandbox_runner.messages import word

if TYPE_CHECKING:
    from sandbox_runner.results.model import BackendResult


@dataclass(frozen=True, slots=True)
class BackendView:
    """Which sandbox ran it; ``own_code_only`` where it does not hold hostile code back well enough."""

    title: str
    isolation: str
    image_digest: str
    fidelity: tuple[tuple[str, str], ...]
    installed: tuple[tuple[str, tuple[str, ...]], ...]
    own_code_only: bool


def backend_view(backend: BackendResult) -> BackendView:
    """Which sandbox ran it, in words."""
    own_code_only = backend.name == "namespace"
    name = _("%(name)s sandbox") % {"name": backend.name.capitalize()}
    return BackendView(
        title=_("%(name)s: for your own code on your own machine") % {"name": name} if own_code_only else name,
        isolation=told(backend.isolation),
        image_digest=backend.image_digest,
        fidelity=tuple((word("aspect", aspect, language()), told(how)) for aspect, how in backend.fidelity.items()),
        installed=tuple(
            (runtime, tuple(f"{name} {version}" for name, version in versions.items()))
            for runtime, versions in backend.installed.items()
        ),
        own_code_only=own_code_only,
    )
