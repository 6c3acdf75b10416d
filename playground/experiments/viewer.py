"""Who views a page or calls the API: a person, a browser, both, or someone unknown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.contrib.auth import get_user
from django.http import HttpRequest

from playground.experiments import browser_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import AnonymousUser

    from playground.accounts.models import User


@dataclass(frozen=True, slots=True)
class Viewer:
    """What decides what someone may see; ``roles`` are (team id, role) pairs."""

    user_id: int | None = None
    browser_key: str = ""
    roles: tuple[tuple[str, str], ...] = ()


STRANGER = Viewer()


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer who sent ``request``."""
    return viewer_for(request.user, browser_keys.browser_key(request))


def viewer_for(user: User | AnonymousUser, browser_key: str = "") -> Viewer:
    """That person at that browser."""
    if not user.is_authenticated:
        return Viewer(browser_key=browser_key)
    standing = user.memberships.filter(team__deleted_at=None)
    return Viewer(user.pk, browser_key, tuple(standing.values_list("team_id", "role")))


def asked_again(request: HttpRequest) -> Callable[[], Viewer]:
    """Tells who sent ``request`` as things are when it is called: signed out since, or with other roles."""
    session_key, browser_key = request.session.session_key, browser_keys.browser_key(request)
    engine = type(request.session)

    def ask() -> Viewer:
        again = HttpRequest()
        again.session = engine(session_key)
        return viewer_for(get_user(again), browser_key)

    return ask


def with_browser(viewer: Viewer) -> Viewer:
    """``viewer`` with a browser key, a new one if there was none."""
    return viewer if viewer.browser_key else replace(viewer, browser_key=browser_keys.new_browser_key())
