"""A result in which everything that a form or a sandbox wrote is hostile."""

from __future__ import annotations

from sandbox_runner.results.model import Location, Reader, SourceLine, Writer
from tests.playground.run_results import environment, finding, invocation, leak, log_entry, scenario
from tests.told import said

MARKUP = "</style></script><script>alert(1)</script><img src=x onerror=alert(1)>"
FENCES = (
    "```\n````\n~~~\n# heading\n- [ ] box\n| a | b |\n[link](https://evil.example) ![x](https://evil.example/x.png)"
)
CALLS = "@everyone #1 https://evil.example www.evil.example <https://evil.example> \\| \\\\| `code`"
HIDDEN = "\x1b[31mred\x1b[0m\x1b]0;title\x07 \x00 \u202egnp.exe\u202c \u200b \u2028 \u2029 \ud800 \r\n"
QUOTES = '""" \'\'\' ` ${alert(1)} \\" \\\' \\u0022""" */ -->'
EVERYTHING = f"{MARKUP} {FENCES} {CALLS} {HIDDEN} {QUOTES}"


def hostile(times=1):
    """Incident 1 with hostile texts; ``times`` makes them, the requests, the findings and the log that much more."""
    text = EVERYTHING * times
    who = EVERYTHING[:64]
    requests = tuple(
        invocation(index, principal=who, payload=f'"{text}"', response=text, error_type=text)
        for index in range(1, 2 * times + 1)
    )
    one = finding(
        messages=said(f"Request 2 ({who}) got `{text}`."),
        location=Location(root="python-module", path=text, type=text),
        writer=Writer(invocation=1, principal=who, leaf=text),
        reader=Reader(invocation=2, principal=who, output_path=text),
        sources=(SourceLine(file=EVERYTHING.replace("/", ""), line=1, role="written"),),
    )
    files = {"app.mjs": text, EVERYTHING[:40].replace("/", "-"): text}
    files = {"".join(c for c in name if ord(c) >= 32): body for name, body in files.items()}
    return leak(
        scenario=scenario(files=files).model_copy(update={"steps": _steps(text)}),
        verdict_messages=one.messages,
        findings=(one,) * times,
        invocations=requests,
        environments=(environment(),),
        log=(log_entry(text, 1), log_entry(text, 2)) * times,
        events=(),
    )


def _steps(text):
    made = scenario().model_dump(mode="json", by_alias=True)
    made["steps"] = [{"invoke": {"payload": {"__proto__": text, MARKUP: [text]}, "as": text[:64]}}]
    return type(scenario()).model_validate(made).steps
