"""What was typed on the home page, kept in the session while its writer signs in; for browsers without scripts.

With scripts the page keeps a draft by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import QueryDict

from playground.editor.form_state import read_form
from playground.i18n.marking import _
from playground.infrastructure.clients import client_of
from playground.infrastructure.counting import count_one

if TYPE_CHECKING:
    from django.http import HttpRequest

    from playground.editor.form_state import FormState

# A session is a row of the database that every page of its browser reads.
CHARACTERS_MAX: Final = 2_000_000
# Of one client: two of the largest, hundreds of usual ones.
CHARACTERS_PER_MINUTE: Final = 4_000_000
# Long enough to sign up; the sweep removes what has expired.
KEPT_S: Final = 3600
ADDRESS: Final = "/?kept=1"
_NAME: Final = "home_form"


class NotKept(Exception):  # noqa: N818 - said to whoever typed it, whose page still has it
    """Why the form is not kept, in one sentence."""


def keep(request: HttpRequest) -> None:
    """Keep the posted form for an hour, or for as long as its writer then stays signed in.

    :raises NotKept: it is larger than a session may be, or this client had more than its share kept.
    """
    typed = request.POST.copy()
    for foreign in ("csrfmiddlewaretoken", "action"):
        typed.pop(foreign, None)
    written = typed.urlencode()
    if len(written) > CHARACTERS_MAX:
        raise NotKept(_("It is too large to be kept while you sign in; sign in on another page, then run it here."))
    if count_one("drafts", client_of(request), len(written)) > CHARACTERS_PER_MINUTE:
        raise NotKept(_("Too much was kept for you within a minute; sign in on another page, then run it here."))
    request.session[_NAME] = written
    if not request.user.is_authenticated:
        request.session.set_expiry(KEPT_S)


def kept(request: HttpRequest) -> FormState | None:
    """The form as it was typed, where the address asks for it and there is one."""
    if "kept" not in request.GET or _NAME not in request.session:
        return None
    return read_form(QueryDict(request.session[_NAME]))
