"""The closed list of codes, each with its parameters and their types. Pure.

A code says what is so, not how that was found out, and never changes its meaning; what is no longer said stays here,
because stored results say it. A parameter is a number, a truth, a name of the code's own vocabulary (``Word``), or
data of the user's (``str``), which is shown as it is.
"""

from __future__ import annotations

from itertools import chain
from typing import Any, Final

from sandbox_runner.messages.account_codes import (
    ACCOUNT,
    ACCOUNT_CHECK,
    ACCOUNT_CONDITION,
    ACCOUNT_FAILURE,
    ACCOUNT_PROBLEM,
    ACCOUNT_STEP,
    ACCOUNT_STOPPED,
    ACCOUNT_VERDICT,
    PASSAGE,
)
from sandbox_runner.messages.dependency_codes import BUNDLES, DEPENDENCIES
from sandbox_runner.messages.parameter_types import Field, Inner, Who, Word
from sandbox_runner.messages.proof_codes import LONGER, PROOF_FAILURE, PROVING, STOPPED
from sandbox_runner.messages.report_codes import REPORT
from sandbox_runner.messages.sandbox_codes import SANDBOX
from sandbox_runner.messages.source_codes import SOURCE

# What a result of version 1 said, in the words in which it was stored.
LEGACY: Final = "legacy"

_PLACE: Final = {"place": str, "file": str, "line": int, "role": Word}

FINDING: Final[dict[str, dict[str, Any]]] = {
    # Somebody else's value came out, in ``form`` (empty: as it was sent).
    "value-received": {"reader": Who, "writer": Who, "leaf": str, "value": str, "form": Word, "part": bool},
    "value-logged": {"reader": Who, "writer": Who, "leaf": str, "value": str, "form": Word, "part": bool},
    # Something came out that depends on somebody else's value; null where there was nothing.
    "answer-follows": {
        "reader": Who,
        "writer": Who,
        "leaf": str,
        "path": str,
        "got": str | None,
        "got_instead": str | None,
    },
    # What ``other`` was answered was made of the writer's leaf; the reader was answered the same.
    "same-as-proven": {"reader": Who, "other": Who, "writer": Who, "leaf": str, "path": str, "got": str},
    "log-follows": {"reader": Who, "writer": Who, "leaf": str},
    "gone-when-changed": {"writer": Who},
    # An answer is not what it is on a cold start; ``path`` is where, empty for the whole.
    "answer-differs": {"reader": Who, "path": str, "here": str | None, "cold": str | None},
    # The same every time after what ran before, and another on every cold start.
    "answer-repeats": {"reader": Who, "path": str, "here": str | None, "cold": str | None},
    "request-failed": {"reader": Who, "outcome": Word},
    "value-held": {"writer": Who, "later": Who, "leaf": str},
    "peer-full": {"peer": str, "environment": str, "holders": list[str], "more": int},
    "peer-holders-idle": {"environments": list[str]},
    "peer-hung-up": {"peer": str, "environment": str, "opener": Who, "frozen": bool},
    "carried-by": _PLACE,
    "carried-by-file": _PLACE,
    "held-in": _PLACE,
    "held-in-file": _PLACE,
    "carried-by-package": _PLACE | {"package": str, "version": str},
    "held-in-package": _PLACE | {"package": str, "version": str},
    # Of the lines that write to the place so many more are as likely as the one that is named.
    "other-lines": {"others": int},
    "carrier-unknown": {},
    "carrier-sought": {},
    "late-writer": {"work": Word, "request": int},
    "confirmed": {"replays": int, "writer": Who, "leaf": str, "reader": Who, "in_log": bool},
    # What the same carrier did besides, and how many of all that replays proved, for the rest too.
    "more-requests-alike": {"requests": int},
    "more-values-alike": {"values": int},
    "proven-for-all": {"proven": int, "all": int},
    # They ran at the same time in one environment; ``apart``: played one after the other, nothing of it came out.
    "overlapped": {"apart": bool},
    # The rest is so where the requests come in this order.
    "other-order": {"requests": list[int]},
}

CONDITION: Final[dict[str, dict[str, Any]]] = {
    # Under which condition a text was seen; the text stands beside it.
    "value-sent": {"request": int},
    "request-sent": {"request": int, "value": str},
    "after-request": {"request": int},
    "beside-request": {"request": int},
    "after-what-ran-before": {},
    "in-this-run": {},
    "cold-start": {},
    "held-after": {"request": int},
}

VERDICT: Final[dict[str, dict[str, Any]]] = {
    "nothing-to-compare": {"requests": int},
    "no-request-ran": {},
    # Why the module code did not load, and what to do: where is the file below the task root, empty where not known.
    "load-failed": {"problem": str, "file": str, "line": int, "column": int, "source": str},
    "import-nearest": {"nearest": str},
    "import-missing": {},
    "package-missing": {"package": str, "manifest": str},
    # ``runtime`` is the last of AWS's that had it.
    "package-once-brought": {"package": str, "manifest": str, "runtime": str},
    "package-lacks": {"package": str},
    "package-not-built": {"package": str},
    "package-only-imported": {"package": str},
    "export-missing": {"module": str, "exported": list[str]},
    "handler-missing": {"file": str, "handlers": list[str]},
    "handler-file-missing": {"wanted": list[str], "files": list[str]},
    "handler-calls-back": {"runtime": str},
    "handler-malformed": {"example": str},
    "looks-like": {"file": str, "language": str, "loaded": str},
    "module-syntax": {"file": str},
    "line-to-mend": {},
    "module-code-failed": {},
    # Types that decorators are to find at run time, which ``file`` asks for and no transformed file has.
    "types-not-made": {"file": str},
    "variable-missing": {"name": str},
    # The code reads ``field`` of its events, which none of its requests has; events of ``template`` do.
    "event-not-sent": {"field": str, "template": str},
    "aws-unreachable": {"host": str, "known": list[str]},
    "bootstrap-missing": {"files": list[str]},
    "bootstrap-foreign": {},
    "all-timed-out": {},
    "none-loaded-in-time": {"seconds": int},
    "timeout-to-raise": {"seconds": int},
    "not-replayed": {},
    "too-few-cold-starts": {},
    "compared-in-part": {"compared": int, "answers": int},
    "answers-match": {"answers": int},
    "compared-answers-match": {"compared": int, "answers": int},
    # What one principal sent stayed in a place until another's request came, and came out nowhere.
    "held-until-next": {"writer": Who, "later": Who, "leaf": str, "place": str},
    # Two principals sent the same value, ``changed`` where a replay sent another in the first one's place.
    "same-value-sent": {"writer": int, "reader": int, "leaf": str, "changed": bool},
    # ``error`` is that of all requests, or empty where they differ.
    "all-failed": {"error": str},
    "probe-disturbed": {},
    # Why answers that match are no proof; a check says it too.
    "state-not-read": {},
    "state-timed-out": {},
    "more-findings": {"more": int},
    "proof-broke-off": {},
}

ADVICE: Final[dict[str, dict[str, Any]]] = {
    # What is worth mending before a scenario is played. Callers send the same, and so many ``more`` values besides.
    "same-value-ahead": {"requests": list[int], "leaf": str, "value": str, "more": int},
}

CHECK: Final[dict[str, dict[str, Any]]] = {
    "values-searched": {"values": int, "answers": int, "cut": bool},
    "answers-compared": {"compared": int, "answers": int},
    "not-compared": {"requests": list[int]},
    "other-order-compared": {"answers": int},
    "other-order-not-tried": {},
    # Side by side they were answered differently, one after the other they were not.
    "replayed-one-at-a-time": {},
    "replays-cut-short": {"played": int, "wanted": int},
    "values-changed": {"values": int, "replays": int, "requests": list[int], "proven": int},
    "leaks-not-proven": {"leaks": int},
    "nothing-changed": {},
    "nothing-to-change": {},
    "nothing-put-back": {},
    "places-put-back": {"places": int, "replays": int, "confirmed": list[str]},
    "state-read": {"read": int, "moments": int, "environments": int, "cut": int},
    "state-without-probe": {"runtimes": list[str]},
    "probe-disturbed-after": {"request": int, "how": Inner, "more": int},
}

PROBE: Final[dict[str, dict[str, Any]]] = {
    # How user code got in the probe's way.
    "probe-silent": {},
    "probe-frames": {"frames": int},
    "probe-unreadable": {},
    "probe-out-of-turn": {},
    "probe-replaced": {"names": list[str]},
    "state-missing": {},
}

STEP: Final[dict[str, dict[str, Any]]] = {
    "step-request": {"request": Who, "asynchronous": bool, "function": str},
    "step-requests": {"first": int, "last": int},
    "step-wait": {"seconds": float},
    "step-initialize": {"environments": int, "function": str},
    "step-recycle-all": {"function": str},
    "step-recycle-one": {"function": str},
    "step-reserve": {"concurrency": str, "function": str},
    "step-provision": {"environments": int, "function": str},
    "step-deploy": {"function": str},
    "step-interrupted": {"step": Inner},
}

LEFT: Final[dict[str, dict[str, Any]]] = {
    "time-ran-out": {"seconds": float, "steps": list[Inner], "more": int},
    "time-ran-out-at-the-end": {"seconds": float},
}

LATE: Final[dict[str, dict[str, Any]]] = {
    # How it is known whose work something was, and what was done that is no line of output.
    "line-names-request": {"request": int, "ran_in": int},
    "replay-shows-work": {"work": Word, "request": int},
    "replay-shows-child": {"request": int},
    "replay-shows-effect": {"work": Word, "request": int, "at_peer": bool},
    "changed-file": {"how": Word, "path": str},
    "sent-bytes": {"bytes": int, "peer": str},
}

FAILURE: Final[dict[str, dict[str, Any]]] = {
    # Ours, never the function's. ``detail`` is what the machine said, as it said it.
    "no-sandbox": {"detail": str},
    "sandbox-lost": {"detail": str},
    "protocol-violation": {"detail": str},
    "illegal-transition": {"detail": str},
    "other-failure": {"detail": str},
    "unexpected-failure": {},
    "runtime-not-built": {"runtime": str, "detail": str},
    "took-too-long": {},
    "index-away": {"detail": str},
    # ``more`` are not named beside ``packages``, each of which has its version.
    "packages-away": {"packages": list[str], "more": int, "detail": str},
    "archive-missing": {"name": str, "sha256": str, "bytes": int},
    "interrupted": {},
    # A live session's worker is gone.
    "session-lost": {},
}

PROGRESS: Final[dict[str, dict[str, Any]]] = {
    "waiting-for-a-worker": {},
    "waiting-for-the-engine": {},
    "sandbox-is-starting": {},
    "packages-are-locked": {"file": str},
    "packages-are-installed": {"packages": int},
    "verdict-is-being-proven": {},
    "verdict-is-being-drawn-up": {},
    "environment-is": {"environment": str, "doing": Word},
    # Nobody has sent a request to a live session lately.
    "session-waits": {},
    "step-begins": {"number": int, "step": Inner},
    "request-runs": {"request": Who},
    "request-is-answered": {"request": Who},
}

PROBLEM: Final[dict[str, dict[str, Any]]] = {
    # Why a scenario cannot be played as written, and what to do.
    "field-missing": {"field": Field, "hint": Word},
    "field-empty": {"field": Field, "hint": Word},
    "runtime-missing": {"field": Field, "choices": list[str]},
    "runtime-unknown": {"field": Field, "value": str, "language": str, "choices": list[str]},
    "runtime-misspelt": {"field": Field, "value": str, "nearest": str},
    # Lambda creates no function with it any more; ``said`` is what it answers.
    "runtime-refused": {"field": Field, "value": str, "since": str, "said": str},
    "runtime-elsewhere": {"field": Field, "value": str, "language": str, "bootstrap": str},
    "runtime-of-customers": {"field": Field, "value": str, "bootstrap": str},
    "field-unknown": {"key": str, "place": Field, "nearest": str, "known": list[str]},
    "too-many-entries": {"field": Field, "count": int, "most": int},
    "text-too-long": {"field": Field, "most": int},
    "not-a-choice": {"field": Field, "value": str, "choices": list[str]},
    "not-whole": {"field": Field, "low": int, "high": int, "unit": Word},
    "out-of-range": {"field": Field, "value": str, "low": int, "high": int, "unit": Word},
    "no-duration": {"field": Field, "value": str},
    "wrong-form": {"field": Field, "value": str, "hint": Word},
    "not-text": {"field": Field},
    "not-mapping": {"field": Field},
    "not-list": {"field": Field},
    "other-problem": {"field": Field, "detail": str},
    "path-outside": {"field": Field, "path": str},
    "path-unusual": {"field": Field, "path": str},
    "variable-name": {"field": Field, "name": str},
    "extension-name": {"field": Field, "name": str},
    "file-too-large": {"path": str, "kb": int},
    "function-twice": {"field": Field, "other": Field},
    "provisioned-none": {"field": Field, "other": Field},
    "provisioned-unused": {"field": Field, "other": Field, "count": int, "value": str},
    "reserved-below-provisioned": {"field": Field, "other": Field, "reserved": int, "provisioned": int},
    "nothing-unreserved": {
        "field": Field,
        "reserved": int,
        "before": int,
        "account": int,
        "unreserved": int,
        "most": int,
    },
    "initialize-of-nothing": {"field": Field, "other": Field},
    "two-payloads": {"field": Field, "bytes": int},
    "event-and-payload": {"field": Field, "other": Field},
    "client-context-asynchronous": {"field": Field},
    "fault-asynchronous": {"field": Field},
    "fault-with-several": {"field": Field, "other": Field},
    "client-context-too-large": {"field": Field, "bytes": int, "most": int},
    "event-template-missing": {"field": Field, "known": list[str]},
    "event-template-unknown": {"field": Field, "value": str, "nearest": str, "known": list[str]},
    "event-route": {"field": Field, "route": str, "path": str},
    "payloads-together": {"field": Field, "bytes": int, "most": int},
    "init-limit-raised": {"field": Field, "other": Field, "seconds": float, "most": int},
    "equal-peers": {"field": Field, "other": Field, "value": str, "what": Word},
    "log-level-needs-json": {"field": Field, "other": Field, "level": str},
    "runtime-serves-one": {"field": Field, "count": int, "value": str, "choices": list[str]},
    "several-need-json": {"field": Field, "count": int, "other": Field},
    "not-with-several": {"field": Field, "count": int, "other": Field},
    "log-style-needs-text": {"field": Field, "other": Field},
    "waits-too-long": {"field": Field, "seconds": float, "run_seconds": float, "compressed_above": float},
    "needs-version-2": {"field": Field},
    "function-name-differs": {"field": Field, "name": str, "key": str},
    "setting-of-functions": {"field": Field, "other": Field, "value": str},
    "function-not-named": {"field": Field, "count": int, "first": str, "known": list[str]},
    "function-unknown": {"field": Field, "value": str, "nearest": str, "count": int, "known": list[str]},
    "scenario-empty": {},
    "scenario-not-mapping": {},
    "step-keys": {"field": Field, "keys": str, "known": list[str]},
    "request-not-mapping": {"field": Field},
    "directory-elsewhere": {"field": Field, "other": Field},
    "files-and-directory": {"field": Field},
    "directory-not-text": {"field": Field},
    "half-character": {"field": Field},
    "payload-too-deep": {"field": Field, "most": int},
    "too-deep": {"most": int},
    "no-json-value": {"field": Field},
    "payload-too-large": {"field": Field, "bytes": int, "most": int, "asynchronous": bool},
    "files-too-large": {"bytes": int, "most": int},
    "reserved-variable": {"field": Field, "name": str},
    "nul-character": {"field": Field},
    "environment-too-large": {"field": Field, "bytes": int, "most": int},
    "file-empty": {"path": str},
    "no-request": {"field": Field},
    "scenario-too-large": {"mb": int},
    "key-twice": {"key": str, "in_json": bool},
    "no-json-number": {"text": str},
    "not-yaml": {"detail": str},
    "one-document": {},
    "no-anchors": {},
    "no-tags": {"tag": str},
    "key-not-text": {},
    "too-many-digits": {},
    "number-too-large": {"text": str},
    "directory-missing": {"field": Field, "name": str},
    "directory-too-many-files": {"field": Field, "most": int},
    "directory-file-unreadable": {"field": Field, "name": str, "reason": str},
    "directory-file-not-regular": {"field": Field, "name": str},
    "directory-file-too-large": {"field": Field, "name": str, "kb": int},
    "directory-file-not-text": {"field": Field, "name": str},
    "archive-elsewhere": {"field": Field, "other": Field},
    "archive-and-files": {"field": Field},
    "archives-of-client-full": {"most": int},
    "archives-full": {"most": int},
    "layer-content": {"field": Field},
    "layers-too-large": {"bytes": int, "most": int},
    "attached-not-base64": {"path": str},
    "attached-too-large": {"bytes": int, "most": int},
    "attached-twice": {"path": str},
    "project-empty": {},
    "project-function-unknown": {"name": str, "known": list[str]},
    "scenario-file-unreadable": {"name": str, "reason": str},
    "scenario-file-not-text": {"name": str},
    "at-line": {"line": int, "problem": Inner},
}

KINDS: Final = {
    "source": SOURCE,
    "sandbox": SANDBOX,
    "report": REPORT,
    "problem": PROBLEM | BUNDLES | ACCOUNT_PROBLEM,
    "dependencies": DEPENDENCIES | BUNDLES,
    "account": ACCOUNT,
    "finding": FINDING,
    "passage": PASSAGE,
    "advice": ADVICE,
    "condition": CONDITION | ACCOUNT_CONDITION,
    "stopped": STOPPED | ACCOUNT_STOPPED,
    "verdict": FINDING | VERDICT | STOPPED | ACCOUNT_STOPPED | DEPENDENCIES | BUNDLES | ACCOUNT | ACCOUNT_VERDICT,
    "check": CHECK | VERDICT | STOPPED | ACCOUNT_STOPPED | ACCOUNT_CHECK,
    "probe": PROBE,
    "step": STEP | ACCOUNT_STEP,
    "left": LEFT,
    "late": LATE,
    "failure": FAILURE | ACCOUNT_FAILURE | PROOF_FAILURE,
    "progress": PROGRESS | PROVING,
    "longer": LONGER,
}
CODES: Final = {LEGACY: {"text": str}} | dict(chain.from_iterable(group.items() for group in KINDS.values()))
