"""What was typed on the home page, kept in the session while its writer signs in; for browsers without scripts.

With scripts the page keeps a draft by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import QueryDict

from playground.editor.form_state import read_form

if TYPE_CHECKING:
    from django.http import HttpRequest

    from playground.editor.form_state import FormState

# A session is a row of the database that every page of its browser reads.
CHARACTERS_MAX: Final = 2_000_000
ADDRESS: Final = "/?kept=1"
_NAME: Final = "home_form"


def keep(request: HttpRequest) -> bool:
    """Keep the posted form; False where it is larger than a session may be."""
    typed = request.POST.copy()
    for foreign in ("csrfmiddlewaretoken", "action"):
        typed.pop(foreign, None)
    written = typed.urlencode()
    if len(written) > CHARACTERS_MAX:
        return False
    request.session[_NAME] = written
    return True


def kept(request: HttpRequest) -> FormState | None:
    """The form as it was typed, where the address asks for it and there is one."""
    if "kept" not in request.GET or _NAME not in request.session:
        return None
    return read_form(QueryDict(request.session[_NAME]))
