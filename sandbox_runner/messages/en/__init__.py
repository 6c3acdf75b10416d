"""English. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

from sandbox_runner.messages.en.account import ACCOUNT, ACCOUNT_WORDS
from sandbox_runner.messages.en.dependencies import DEPENDENCIES
from sandbox_runner.messages.en.failures import DOING, FAILURES, OUTCOMES
from sandbox_runner.messages.en.loading import LOADING
from sandbox_runner.messages.en.places import PLACES
from sandbox_runner.messages.en.problems import HINTS, PROBLEMS
from sandbox_runner.messages.en.proof import PROOF
from sandbox_runner.messages.en.reports import REPORTS
from sandbox_runner.messages.en.sandboxes import SANDBOX_WORDS, SANDBOXES
from sandbox_runner.messages.en.sources import SOURCES
from sandbox_runner.messages.en.stories import STORIES

BETWEEN_SENTENCES: Final = " "
BEFORE_LAST_CHOICE: Final = " or "
BETWEEN_ITEMS: Final = ", "
BETWEEN_MESSAGES: Final = "; "

# How a request is named: as the one who sent or got something, where a sentence begins with it, as the request itself,
# and with its number whoever sent it.
WHO: Final = {
    "name": {
        "named": "{as}",
        "repeated": "{as} (request {request:=plain})",
        "request": "request {request:=plain}",
        "module": "module code",
    },
    "start": {
        "named": "{as}",
        "repeated": "{as} (request {request:=plain})",
        "request": "Request {request:=plain}",
        "module": "Module code",
    },
    "request": {
        "named": "{as}'s request",
        "repeated": "{as}'s request {request:=plain}",
        "request": "request {request:=plain}",
        "module": "module code",
    },
    "Request": {
        "named": "{as}'s request",
        "repeated": "{as}'s request {request:=plain}",
        "request": "Request {request:=plain}",
        "module": "Module code",
    },
    "number": {
        "named": "request {request:=plain} ({as})",
        "repeated": "request {request:=plain} ({as})",
        "request": "request {request:=plain}",
        "module": "module code",
    },
    "Number": {
        "named": "Request {request:=plain} ({as})",
        "repeated": "Request {request:=plain} ({as})",
        "request": "Request {request:=plain}",
        "module": "Module code",
    },
}

_LEAF: Final = "{leaf:`{leaf}`|payload}"
_HERE: Final = "{here:`{here}`|missing}"
_COLD: Final = "{cold:`{cold}`|missing}"

TEMPLATES: Final = {
    "legacy": "{text}",
    # findings
    "value-received": (
        f"{{reader:=start}} received {{part:part of |}}{{writer}}'s {_LEAF} ({{value}}){{form:, {{form:=word}}|}}."
    ),
    "value-logged": (
        f"{{reader:=start}}'s log shows {{part:part of |}}{{writer}}'s {_LEAF} ({{value}}){{form:, {{form:=word}}|}}."
    ),
    "answer-follows": (
        f"{{reader:=start}}'s answer depends on {{writer}}'s {_LEAF}: {{path:`{{path}}`|it}} was {{got:`{{got}}`|missing}}, "
        "and {got_instead:`{got_instead}`|missing} when {writer} sent something else."
    ),
    "same-as-proven": (
        f"{{reader:=start}}'s answer has the {{path:same `{{path}}`|same}} (`{{got}}`) that {{other}}'s has from {{writer}}'s "
        f"{_LEAF}."
    ),
    "log-follows": (
        f"{{reader:=start}}'s log depends on {{writer}}'s {_LEAF}: it changed when {{writer}} sent something else."
    ),
    "gone-when-changed": "When {writer} sent something else, it disappeared.",
    "answer-differs": (
        f"{{path:`{{path}}` is {_HERE} in {{reader}}'s answer|{{reader:=start}}'s answer is {_HERE}}}, {_COLD} on a cold start."
    ),
    "answer-repeats": (
        f"{{path:`{{path}}` is {_HERE} in {{reader}}'s answer|{{reader:=start}}'s answer is {_HERE}}} every time, "
        f"but different on each cold start ({_COLD} on one)."
    ),
    "request-failed": "{reader:=Request} failed ({outcome:=word}); on a cold start it succeeds.",
    "value-held": f"{{writer:=start}}'s {_LEAF} is still held after {{later:=request}}, but no answer or log showed it.",
    "peer-full": (
        "{peer} refused a connection from {environment}: all its connections were held by "
        "{holders}{more:| and 1 more| and {more} more}."
    ),
    "peer-holders-idle": "{environments} had served no request.",
    "peer-hung-up": (
        "{frozen:While {environment} was frozen, {peer} closed a connection that it had opened"
        "|{peer} closed a connection that {environment} had opened} {opener:in {opener:=number}|in init}."
    ),
    **PLACES,
    **STORIES,
    "carrier-unknown": "How it got there is not known.",
    "carrier-sought": "Still looking for how it got there.",
    "late-writer": "{work:=word} that request {request:=plain} had left running wrote it.",
    "confirmed": (
        f"Confirmed in {{replays}} of {{replays}} replays: changing {{writer}}'s {_LEAF} changed "
        "{reader}'s {in_log:log|answer}."
    ),
    "overlapped": "The two ran at the same time in one environment{apart:; played one after the other, nothing of it came out|}.",
    "other-order": "With the requests in another order ({requests}):",
    # conditions
    "value-sent": "request {request:=plain} sent",
    "request-sent": "request {request:=plain} sent {value}",
    "after-request": "after request {request:=plain}",
    "beside-request": "beside request {request:=plain}",
    "after-what-ran-before": "after the requests before it",
    "in-this-run": "in this run",
    "cold-start": "on a cold start",
    "held-after": "held after request {request:=plain}",
    **PROOF,
    # verdicts
    "nothing-to-compare": (
        "No environment was reused, so nothing could be held over. "
        "{requests:Add a second request.|Send one request after another.}"
    ),
    "no-request-ran": "No request reached the handler, so there is nothing to judge.",
    **LOADING,
    **(DEPENDENCIES | ACCOUNT),
    "none-loaded-in-time": "The code was still loading whenever a request timed out, so the handler was never called. The timeout is {seconds:=plain} s: raise it, or have less loaded.",
    "all-timed-out": "Every warm request timed out, so there was no answer to compare.",
    "timeout-to-raise": "The timeout is {seconds:=plain} s: raise it, or look in the log for what the handler waits for.",
    "not-replayed": "No leak was seen, but nothing was replayed to make sure.",
    "too-few-cold-starts": "No leak was seen, but no answer was compared with enough cold starts to make sure.",
    "compared-in-part": "No leak was seen, but only {compared} of {answers} warm answers {compared:was|were} compared.",
    "answers-match": "Warm and cold answers match; no data crossed between requests.",
    "held-until-next": f"`{{place}}` kept {{writer}}'s {_LEAF} until {{later:=request}} came; no answer or log showed it.",
    "compared-answers-match": (
        "{compared} of {answers} warm answers {compared:was|were} compared with cold starts: {compared:it matches|they "
        "match}, and no data crossed between requests."
    ),
    "same-value-sent": (
        "Requests {writer:=plain} and {reader:=plain} sent the same `{leaf}`{changed:; with another one in request "
        "{writer:=plain}, request {reader:=plain} got the same answer|, which would hide a leak of it: send different "
        "values}."
    ),
    "probe-disturbed": "But the function interfered with the probe that reads its memory, so this is not proof.",
    "proof-broke-off": "The proof broke off because of an internal error. Re-verify to run it again.",
    "more-findings": "{more} more {more:finding|findings}.",
    # checks
    "values-searched": (
        "Searched {answers} {answers:answer|answers} and the logs for {values} {values:value|values} that earlier "
        "requests sent{cut:; stopped at the search limit|}."
    ),
    "answers-compared": "Compared {compared} of {answers} warm {answers:answer|answers} with cold starts.",
    "not-compared": "Not compared: {requests:=requests}.",
    "other-order-compared": "Also compared {answers} {answers:answer|answers} with the requests in reverse order.",
    "other-order-not-tried": "The reverse order was not tried.",
    "replayed-one-at-a-time": "Replays at the same time differed from each other, replays one at a time did not; the rest were played one at a time.",
    "replays-cut-short": "Only {played} of {wanted} replays were played.",
    "values-changed": (
        "Changed {values} {values:value|values} of earlier requests in {replays} {replays:replay|replays} before "
        "{requests:=requests}: {proven} {proven:leak|leaks} proven."
    ),
    "leaks-not-proven": "{leaks} {leaks:leak|leaks} not proven.",
    "nothing-changed": "No input was changed.",
    "nothing-to-change": "No input had to be changed: no warm answer or log depends on earlier requests.",
    "nothing-put-back": "No state had to be reset.",
    "places-put-back": (
        "Reset {places} {places:place|places} to the state after init in {replays} {replays:replay|replays}; "
        "{confirmed:this makes the answer cold again: {confirmed}|none of them alone makes the answer cold again}."
    ),
    "state-read": (
        "Read the state at {read} of {moments} {moments:moment|moments} in {environments} "
        "{environments:environment|environments}{cut:|, 1 of them cut short|, {cut} of them cut short}."
    ),
    "state-not-read": "The state was not read.",
    "state-timed-out": "Beside the probe that reads its memory every request timed out, so the memory was not read. Raise the timeout.",
    "state-without-probe": "What a {runtimes:=or} process keeps in memory cannot be read; only /tmp was.",
    "probe-disturbed-after": (
        "The function interfered with the probe, so what it read proves nothing. "
        "{request:After init|After request 1|After request {request:=plain}}: "
        "{how}{more:| The same happened once more.| The same happened {more} more times.}"
    ),
    # what happened to the probe
    "probe-silent": "the probe sent nothing.",
    "probe-frames": "{frames} reports came where one was expected.",
    "probe-unreadable": "what came was not a report of the probe.",
    "probe-out-of-turn": "the report was about another moment.",
    "probe-replaced": "the function replaced {names}.",
    "state-missing": "no report came.",
    # steps
    "step-request": "{request:=number}{function: to {function}|}{asynchronous: (asynchronous)|}",
    "step-requests": "requests {first:=plain} to {last:=plain} at the same time",
    "step-wait": "wait {seconds} s",
    "step-initialize": "pre-initialise {environments} {environments:environment|environments}{function: of {function}|}",
    "step-recycle-all": "shut down every environment{function: of {function}|}",
    "step-recycle-one": "shut down the least recently used environment{function: of {function}|}",
    "step-reserve": "reserve {concurrency:a concurrency of {concurrency}|no concurrency}{function: for {function}|}",
    "step-provision": "keep {environments:=plain} {environments:environment|environments}{function: of {function}|} provisioned",
    "step-deploy": "deploy {function}",
    "step-interrupted": "{step} (interrupted)",
    "time-ran-out": (
        "The run's time limit, {seconds} s, was reached with these steps left: "
        "{steps}{more:|; and 1 more|; and {more} more}."
    ),
    "time-ran-out-at-the-end": "The run's time limit, {seconds} s, was reached while its environments were shutting down.",
    # late work
    "line-names-request": (
        "The line carries the ID of request {request:=plain}: it was written after the thaw, before request "
        "{ran_in:=plain} was handed to the runtime."
    ),
    "replay-shows-work": "A replay with the probe showed {work:=word-in-text} started {request:by module code|in request 1|in request {request:=plain}}.",
    "replay-shows-child": (
        "In a replay with the probe, the runtime process did not write this line; a child process started "
        "{request:by module code|in request 1|in request {request:=plain}} was still running."
    ),
    "replay-shows-effect": (
        "A replay with the probe showed {work:=word-in-text} started "
        "{request:by module code|in request 1|in request {request:=plain}} doing this. "
        "{at_peer:The peer's log has it too.|The files of the run itself were not examined.}"
    ),
    "changed-file": "{how:=word} {path}",
    "sent-bytes": "sent {bytes} {bytes:byte|bytes} to {peer}",
    **(FAILURES | DOING),
    # progress
    "waiting-for-the-engine": "Waiting for the sandbox engine, which does not answer. The run starts when it is back.",
    "waiting-for-a-worker": "Waiting for a worker.",
    "sandbox-is-starting": "The sandbox is starting.",
    "verdict-is-being-proven": "The scenario has finished. Proving the verdict.",
    "verdict-is-being-drawn-up": "The scenario has finished. Preparing the verdict.",
    "environment-is": "{environment}: {doing:=word}.",
    "step-begins": "Step {number}: {step}.",
    "request-runs": "{request:=Number} is running.",
    "request-is-answered": "{request:=Number} was answered.",
    **PROBLEMS,
    **SANDBOXES,
    **SOURCES,
    **REPORTS,
}

# Numbers of requests in a list: one of them, and several.
REQUESTS: Final = ("request {all}", "requests {all}")

WORDS: Final = {
    **(SANDBOX_WORDS | ACCOUNT_WORDS),
    "form": {
        "plain": "as sent",
        "lower-case": "in lower case",
        "upper-case": "in upper case",
        "title-case": "in title case",
        "reversed": "reversed",
        "trimmed": "without the spaces around it",
        "url-encoded": "URL-encoded",
        "json-escaped": "JSON-escaped",
        "html-escaped": "HTML-escaped",
        "base64": "in Base64",
        "base64url": "in Base64url",
        "hex": "in hexadecimal",
        "md5": "as its MD5",
        "sha-1": "as its SHA-1",
        "sha-256": "as its SHA-256",
        "sha-512": "as its SHA-512",
        "sha-256-base64": "as its SHA-256 in Base64",
    },
    "outcome": OUTCOMES,
    "work": {
        "thread": "A thread",
        "timer": "A timer",
        "child": "A child process",
        "promise": "A promise",
        "unknown": "Work",
    },
    "work-in-text": {
        "thread": "a thread",
        "timer": "a timer",
        "child": "a child process",
        "promise": "a promise or task",
        "unknown": "work",
    },
    "role": {"written": "written", "read": "read", "declared": "declared", "removed": "removed"},
    "how": {
        "wrote": "wrote",
        "removed": "deleted",
        "renamed": "renamed a file to",
        "made-folder": "created the folder",
        "removed-folder": "deleted the folder",
    },
    "purpose": {
        "alone": "on a cold start",
        "history": "the same again",
        "xray": "with the probe",
        "interference": "with a changed input",
        "carrier": "with the state reset",
        "account": "with the account put back",
    },
    "doing": {
        "starting": "starting",
        "init": "init",
        "init-again": "init again, suppressed",
        "initialised": "initialised",
        "frozen": "frozen",
        "reset-after-timeout": "being reset after a timeout",
        "reset-after-failure": "being reset after a failure",
        "shutting-down": "shutting down",
    },
    "oracle": {
        "marker": "Exact value found",
        "history": "Compared with a cold start",
        "interference": "Changing the input",
        "xray": "Held in memory",
        "carrier": "Resetting the state",
        "account": "Putting the account back",
    },
    "root": {
        "module": "module variable",
        "tmp-file": "file",
        "peer": "connection",
    },
    "grade": {"leak": "leak", "history-dependent": "history-dependent", "retained": "retained"},
    "kind": {
        "answer-leak": "leak in an answer",
        "log-leak": "leak in a log",
        "background-log": "late line in a log",
        "retained": "retained",
        "history-dependent": "history-dependent",
        "interference-without-data": "interference without data",
    },
    "heading": {
        "services": "By way of AWS's services",
        "requests": "Requests",
        "account": "Account at the end: entries by resource",
        "log": "Log",
        "checks": "Checks",
        "summary": "Summary",
    },
    "column": {
        "#": "#",
        "as": "as",
        "environment": "environment",
        "start": "start",
        "outcome": "outcome",
        "duration": "duration",
        "billed": "billed",
        "init": "init",
        "memory": "memory",
        "answer": "answer",
    },
    "start": {
        "cold": "cold",
        "warm": "warm",
        "provisioned": "provisioned",
        "restored": "restored",
        "suppressed-init": "suppressed init",
        "none": "–",
    },
    "verdict": {
        "not-played": "NOT RUN",
        "leak": "LEAK",
        "history-dependent": "HISTORY-DEPENDENT",
        "retained": "RETAINED",
        "clean": "CLEAN",
        "undetermined": "UNDETERMINED",
        "nothing-to-compare": "NOTHING TO COMPARE",
        "did-not-load": "DID NOT LOAD",
        "every-request-failed": "EVERY REQUEST FAILED",
        "timed-out": "TIMED OUT",
    },
    "confidence": {"proven": "proven", "strong": "strong evidence", "suspected": "suspected"},
    "severity": {"critical": "critical", "high": "high", "medium": "medium", "low": "low", "info": "info"},
    "hint": HINTS,
    "unit": {"none": "", "mb": " (MB)", "seconds": " (seconds)"},
    "what": {"name": "name", "port": "port"},
}
