"""Who may write how much: one row for every address that takes a form or a body.

Everything is counted by the minute and by client: a person, or the address of whoever is none. What needs a tighter
bound than that has it where it is stored (runs, notes, reports, drafts of a form, passwords, members, tokens).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Who = Literal["anybody", "a person", "its holder", "a member", "an owner of the team", "staff"]


@dataclass(frozen=True, slots=True)
class Writing:
    """``who`` may make requests that write ``what``; ``a_minute`` of them are taken from one client."""

    who: Who
    what: str
    a_minute: int = 60


_NOTHING: Final = "nothing; answers what the form becomes"
_RUN: Final = "a run, and for an edited copy a revision; HOLDOVER_SUBMISSIONS_PER_MINUTE and HOLDOVER_QUEUE_MAX"
_SESSION: Final = "a run that waits for requests; counted as one, and HOLDOVER_LIVE_SESSIONS_PER_CLIENT"
_ADMIN: Final = "what the admin lists"

# By the name of the address; an application's namespace stands for all addresses in it.
WRITING: Final[dict[str, Writing]] = {
    # --- the form and its runs ---
    "home": Writing("anybody", f"{_RUN}; or a draft in the session, by its size", 600),
    "step": Writing("anybody", _NOTHING, 600),
    "follow": Writing("anybody", _NOTHING, 600),
    "advice": Writing("anybody", _NOTHING, 600),
    "format": Writing("anybody", "nothing; starts a formatter, at most two at the same time", 60),
    "package-names": Writing("anybody", "nothing; asks the package index, at most twice at the same time", 120),
    "open": Writing("anybody", _NOTHING),
    "run-again": Writing("anybody", _RUN, 600),
    "run-on": Writing("anybody", _RUN, 600),
    "run-update-dependencies": Writing("anybody", _RUN, 600),
    "run-reverify": Writing("anybody", _RUN, 600),
    "run-cancel": Writing("its holder", "that a run is to end", 600),
    "run-go-live": Writing("anybody", _SESSION, 600),
    "revision-go-live": Writing("anybody", _SESSION, 600),
    "run-end-session": Writing("its holder", "that a live session is to end", 600),
    "run-extend-session": Writing("its holder", "that a live session is to last longer", 600),
    "run-step-session": Writing("its holder", "what a live session is to do besides requests", 600),
    "run-session-callers": Writing("its holder", "what tells the callers of a live session apart", 600),
    "run-stop-proof": Writing("its holder", "that a proof is to end", 600),
    "run-prove": Writing("its holder", "a longer proof; counted as a run", 600),
    # --- experiments ---
    "claim": Writing("a person", "the owner of what this browser made"),
    "experiment-edit": Writing("its holder", "title, description, tags and visibility"),
    "experiment-name": Writing("its holder", "its title"),
    "experiment-delete": Writing("its holder", "that it is deleted"),
    "experiment-restore": Writing("its holder", "that it is back"),
    "experiment-claim": Writing("a person", "the owner of what this browser made"),
    "experiment-take": Writing("anybody", "the holder of what nobody holds, with its signed link"),
    "report": Writing("anybody", "a report to staff; 5 a minute"),
    # --- people ---
    "account_login": Writing("anybody", "a session; wrong passwords are counted by name and address"),
    "account_logout": Writing("a person", "the end of a session"),
    "account_signup": Writing("anybody", "an account; 20 a minute", 30),
    "account_reauthenticate": Writing("a person", "that they are there; 10 a minute"),
    "account_change_password": Writing("a person", "a password; 5 a minute"),
    "account_set_password": Writing("a person", "a password"),
    "account_reset_password": Writing("anybody", "an e-mail; 5 a minute to one person", 20),
    "account_reset_password_from_key": Writing("anybody", "a password, with the link of an e-mail", 20),
    "account_email": Writing("a person", "an e-mail address; 10 a minute"),
    "account_confirm_email": Writing("anybody", "that an e-mail address is verified, with the link of an e-mail", 20),
    "sessions": Writing("a person", "the end of sessions"),
    "mfa_authenticate": Writing("anybody", "a session, with a second factor; 5 wrong ones in 5 minutes", 20),
    "mfa_reauthenticate": Writing("a person", "that they are there", 20),
    "mfa_reauthenticate_webauthn": Writing("a person", "that they are there", 20),
    "mfa_login_webauthn": Writing("anybody", "a session, with a passkey; 10 a minute", 20),
    "mfa_activate_totp": Writing("a person", "the secret of an app"),
    "mfa_deactivate_totp": Writing("a person", "the end of it"),
    "mfa_generate_recovery_codes": Writing("a person", "ten codes in place of those before"),
    "mfa_add_webauthn": Writing("a person", "a passkey or a security key"),
    "mfa_edit_webauthn": Writing("a person", "its name"),
    "mfa_remove_webauthn": Writing("a person", "the end of it"),
    "socialaccount_signup": Writing("anybody", "an account, with a provider's word", 30),
    "socialaccount_connections": Writing("a person", "which providers are theirs"),
    "openid_connect_login": Writing("anybody", "a session that waits for a provider"),
    "openid_connect_callback": Writing("anybody", "a session, with a provider's word", 30),
    "tokens": Writing("a person", "a token; 50 in all"),
    "token-revoke": Writing("a person", "the end of a token"),
    "set_language": Writing("anybody", "nothing; a cookie"),
    # --- teams ---
    "teams": Writing("a person", "a team; 50 in all"),
    "team-join": Writing("a person", "a membership, with an invitation; 200 in a team"),
    "team-leave": Writing("a member", "the end of a membership"),
    "team-rename": Writing("an owner of the team", "its name"),
    "team-invite": Writing("an owner of the team", "an invitation; 50 open ones"),
    "team-withdraw": Writing("an owner of the team", "the end of an invitation"),
    "team-role": Writing("an owner of the team", "a role"),
    "team-remove": Writing("an owner of the team", "the end of a membership"),
    "team-delete": Writing("an owner of the team", "that it is deleted"),
    "team-restore": Writing("an owner of the team", "that it is back"),
    # --- the library ---
    "collections": Writing("a person", "a collection"),
    "collection-edit": Writing("its holder", "its title, introduction and visibility"),
    "collection-delete": Writing("its holder", "that it is deleted"),
    "collection-restore": Writing("its holder", "that it is back"),
    "collection-put": Writing("its holder", "an experiment in it"),
    "collection-arrange": Writing("its holder", "the order in it", 600),
    "collection-put-somewhere": Writing("its holder", "an experiment in it"),
    "digest": Writing("a person", "that they get an e-mail each week, or no more"),
    "digest-stop": Writing("anybody", "that somebody gets no more of it, with the link of an e-mail", 20),
    "feeds": Writing("a person", "the key of a feed; 50 in all"),
    "note-write": Writing("anybody", "a note; 10 a minute"),
    "note-edit": Writing("its holder", "a note's text"),
    "note-delete": Writing("its holder", "that it is deleted"),
    "note-restore": Writing("its holder", "that it is back"),
    "note-hide": Writing("its holder", "that a note on theirs is hidden"),
    # --- programs ---
    "api-runs": Writing("anybody", _RUN, 600),
    "api-sessions": Writing("anybody", _SESSION, 600),
    "api-session-end": Writing("its holder", "that a live session is to end", 600),
    "api-session-extend": Writing("its holder", "that a live session is to last longer", 600),
    "api-run-cancel": Writing("its holder", "that a run is to end", 600),
    "api-run-stop-proof": Writing("its holder", "that a proof is to end", 600),
    "api-run-prove": Writing("its holder", "a longer proof; counted as a run", 600),
    "api-revision-runs": Writing("anybody", _RUN, 600),
    "api-experiments": Writing("anybody", "an experiment; counted as a run", 600),
    "api-experiment": Writing("its holder", "title, description, tags, visibility, or that it is deleted", 600),
    "api-experiment-restore": Writing("its holder", "that it is back", 600),
    "api-experiment-revisions": Writing("its holder", "a revision; counted as a run", 600),
    "api-archive": Writing("anybody", "a zip; HOLDOVER_ARCHIVES_CLIENT_MB and HOLDOVER_ARCHIVES_MB in all"),
    "api-run-notes": Writing("a person", "a note; 10 a minute", 600),
    # --- staff ---
    "admin": Writing("staff", _ADMIN, 600),
}


def writing_of(view_name: str) -> Writing | None:
    """The row of an address, None where it has none: it takes nothing."""
    return WRITING.get(view_name) or WRITING.get(view_name.partition(":")[0])
