"""What a result says in sentences, in the page's language. Pure.

Results are stored in English, for programs and for whoever reads the JSON; in English a page shows those sentences. In
another language a finding is told from its fields, and a sentence without fields from the phrasebook below. What the
phrasebook does not know stays in English.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import N_, _, is_english, ngettext
from playground.text import labels
from playground.text.display_text import readable
from sandbox_runner.results.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.results.model import Finding

_N: Final = r"[\d,]+"
_PEER: Final = r"(?P<peer>[a-z][a-z0-9-]*)"
_ENVIRONMENT: Final = r"(?P<environment>env-\d+)"
_REFUSED: Final = rf"The peer {_PEER} refused the connection of {_ENVIRONMENT}"
_HAD_CLOSED: Final = rf"The peer {_PEER} had closed the connection that {_ENVIRONMENT} opened"
_SAME: Final = r"the same as in a fresh environment, and no value of one request came out in another\."
_PHRASES: Final = tuple(
    (re.compile(pattern), message)
    for pattern, message in (
        (
            r"No request followed another in the same environment, so nothing could be held over\.",
            N_("No request followed another in the same environment, so nothing could be held over."),
        ),
        (
            r"No request reached the handler, so nothing can be said of what it holds over\.",
            N_("No request reached the handler, so nothing can be said of what it holds over."),
        ),
        (
            r"No value of one request was recognised in another's answer, but no replay was played to be sure\.",
            N_("No value of one request was recognised in another's answer, but no replay was played to be sure."),
        ),
        (
            rf"The answer to the request that followed another is {_SAME}",
            N_("The answer is the same as in a fresh environment, and no value of one request came out in another."),
        ),
        (
            rf"Both answers are {_SAME}",
            N_("Both answers are as in a fresh environment, and no value of one request came out in another."),
        ),
        (
            (
                rf"No value of one request was recognised in another's answer, but only (?P<n>{_N}) of "
                rf"(?P<all>{_N}) answers could be compared: [^.]+\."
            ),
            N_("%(n)s of %(all)s answers were compared, without a finding, before the replays ended."),
        ),
        (
            (
                r"No value of one request was recognised in another's answer, but none was compared with enough fresh "
                r"ones to be sure\."
            ),
            N_("No value of one request was recognised in another's answer, but none was compared often enough."),
        ),
        (
            r"Every request that followed another timed out, so there was no answer to compare\.",
            N_("Every request that followed another timed out, so there was no answer to compare."),
        ),
        (
            rf"Of (?P<all>{_N}) answers, the one that was compared is {_SAME}",
            N_("One of %(all)s answers was compared: as in a fresh environment, with no value of another request."),
        ),
        (
            rf"All (?P<n>{_N}) answers are {_SAME}",
            N_("All %(n)s answers are as in a fresh environment, and no value of one request came out in another."),
        ),
        (
            rf"Of (?P<all>{_N}) answers, the (?P<n>{_N}) that were compared are {_SAME}",
            N_("%(n)s of %(all)s answers were compared: as in a fresh environment, with no value of another request."),
        ),
        (
            r"But the function disturbed the probe that looks at what is held, so it cannot be called clean\.",
            N_("But the function disturbed the probe that looks at what is held, so it cannot be called clean."),
        ),
        (
            (
                rf"(?P<values>{_N}) values? of earlier requests looked for in (?P<answers>{_N}) answers? and the log "
                rf"lines with them\."
            ),
            N_("%(values)s values of earlier requests were looked for in %(answers)s answers and their log lines."),
        ),
        (
            (
                rf"(?P<values>{_N}) values? of earlier requests looked for in (?P<answers>{_N}) answers?; the search "
                rf"was cut short by its bound and the log lines with them\."
            ),
            N_("%(values)s values were looked for in %(answers)s answers and logs; the search was cut short."),
        ),
        (
            rf"(?P<n>{_N}) of (?P<all>{_N}) answers? compared with fresh ones\.",
            N_("%(n)s of %(all)s answers were compared with fresh ones."),
        ),
        (r"Not compared: requests? (?P<which>[\d, …]+)\.", N_("Not compared: requests %(which)s.")),
        (r"The other order was not tried\.", N_("The other order was not tried.")),
        (
            rf"In the other order as well: (?P<n>{_N}) answers? compared\.",
            N_("In the other order as well, %(n)s answers were compared."),
        ),
        (
            rf"(?P<played>{_N}) of (?P<wanted>{_N}) replays were played: (?P<why>[^.]+)\.",
            N_("%(played)s of %(wanted)s replays were played (%(why)s)."),
        ),
        (
            (
                rf"(?P<values>{_N}) values? of earlier requests changed in (?P<replays>{_N}) replays? before requests? "
                rf"(?P<which>[\d, …]+); (?P<proven>{_N}) leaks? proven\."
            ),
            N_("%(values)s values were changed in %(replays)s replays before requests %(which)s; %(proven)s proven."),
        ),
        (rf"(?P<n>{_N}) leaks? not proven\.", N_("%(n)s leaks were not proven.")),
        (rf"the budget of (?P<n>{_N}) seconds was used up", N_("the budget of %(n)s seconds was used up")),
        (rf"the budget of (?P<n>{_N}) replays was used up", N_("the budget of %(n)s replays was used up")),
        (
            rf"{_REFUSED}: (?P<holder>env-\d+) \(which served no request\) held its only place\.",
            N_("%(peer)s refused %(environment)s's connection: %(holder)s, which served no request, held its place."),
        ),
        (
            rf"{_REFUSED}: (?P<holder>.+) held its (only place|places)\.",
            N_("%(peer)s refused %(environment)s's connection: its places were held by %(holder)s."),
        ),
        (
            rf"{_HAD_CLOSED} in init, while env-\d+ was frozen\.",
            N_("%(peer)s had closed the connection that %(environment)s opened in init, while it was frozen."),
        ),
        (
            rf"{_HAD_CLOSED} in (request \d+|init)(, while env-\d+ was frozen)?\.",
            N_("%(peer)s had closed the connection that %(environment)s had opened before."),
        ),
        (r"No value was changed\.", N_("No value was changed.")),
        (
            r"No value had to be changed: no answer and no log that were compared depend on what ran before\.",
            N_("No value had to be changed: no answer and no log that were compared depend on what ran before."),
        ),
        (r"No place had to be put back\.", N_("No place had to be put back.")),
        (
            (
                rf"(?P<places>{_N}) places? put back to the state after init in (?P<replays>{_N}) replays?; none of "
                rf"them alone makes an answer fresh\."
            ),
            N_("%(places)s places were put back in %(replays)s replays; none of them alone makes an answer fresh."),
        ),
        (
            (
                rf"(?P<places>{_N}) places? put back to the state after init in (?P<replays>{_N}) replays?; confirmed: "
                rf"(?P<which>.+)\."
            ),
            N_("%(places)s places were put back in %(replays)s replays; confirmed: %(which)s."),
        ),
        (
            rf"State walked at (?P<n>{_N}) of (?P<all>{_N}) moments in (?P<environments>{_N}) environments?\.",
            N_("The state was walked at %(n)s of %(all)s moments in %(environments)s environments."),
        ),
        (
            (
                rf"State walked at (?P<n>{_N}) of (?P<all>{_N}) moments in (?P<environments>{_N}) environments?, "
                rf"(?P<cut>{_N}) of them cut short\."
            ),
            N_("The state was walked at %(n)s of %(all)s moments in %(environments)s environments, %(cut)s cut short."),
        ),
        (r"The state was not walked\.", N_("The state was not walked.")),
        (r"after request (?P<number>\d+)", N_("after request %(number)s")),
        (r"request (?P<number>\d+) sent", N_("request %(number)s sent")),
        (r"after what ran before", N_("after what ran before")),
        (r"in this run", N_("in this run")),
    )
)


def phrase(text: str) -> str:
    """``text`` of the emulator's, sentence for sentence; as it is where one of them is unknown."""
    if is_english():
        return text
    found, rest = [], text.strip()
    while rest:
        known = next(((seen, said) for known, said in _PHRASES if (seen := known.match(rest))), None)
        if known is None:
            return text
        found.append(_(known[1]) % known[0].groupdict())
        rest = rest[known[0].end() :].lstrip()
    return " ".join(found)


def verdict_sentence(verdict: Verdict, stored: str, findings: Sequence[Finding]) -> str:
    """The headline: the gravest finding and how many more there are, or why there is none."""
    if is_english():
        return stored
    if not findings or findings[0].grade != verdict:
        return phrase(stored)
    more = len(findings) - 1
    tail = " " + ngettext("And %(n)s more finding.", "And %(n)s more findings.", more) % {"n": more} if more else ""
    return finding_sentence(findings[0]) + tail


def finding_sentence(finding: Finding) -> str:
    """Who got whose data, or what depends on what; then what carried it and how that is known."""
    if is_english():
        return finding.sentence
    said = [_what_happened(finding), *(_peer(finding) or _carrier(finding))]
    if finding.confidence == "proven":
        said.append(_("Proven: every replay agrees in which only that value was changed."))
    if list(finding.reproduces_with) != sorted(finding.reproduces_with):
        said.insert(0, _("In another order of the requests:"))
    return " ".join(said)


def _what_happened(finding: Finding) -> str:
    reader = finding.reader
    who = labels.request_at_start(reader.invocation, reader.principal) if reader else ""
    if finding.kind == "retained":
        return _("%(what)s is still held after later requests; it came out nowhere.") % {"what": _whose(finding)}
    if finding.location and finding.location.root == "peer":
        return _("%(who)s failed; alone, in a fresh environment, it succeeds.") % {"who": who}
    if finding.grade != Verdict.LEAK:
        return _("The answer to %(who)s depends on what ran before.") % {"who": who}
    if finding.kind == "answer-leak":
        return _("%(who)s was answered with %(what)s.") % {"who": who, "what": _whose(finding)}
    return _("%(who)s logged %(what)s.") % {"who": who, "what": _whose(finding)}


def _whose(finding: Finding) -> str:
    writer = finding.writer
    if writer is None:
        return _("a value of an earlier request")
    who = labels.request_name(writer.invocation, writer.principal) if writer.invocation else _("module code, in init")
    leaf = f"`{readable(writer.leaf)}`" if writer.leaf else _("payload")
    return _("%(leaf)s of %(who)s") % {"leaf": leaf, "who": who}


def _peer(finding: Finding) -> list[str]:
    """What a peer did, where that is why the request failed."""
    if not finding.location or finding.location.root != "peer":
        return []
    return [phrase(finding.sentence.partition(" it succeeds. ")[2])]


def _carrier(finding: Finding) -> list[str]:
    if finding.kind == "background-log":
        return [_("Work that the earlier request had left running wrote it.")]
    if finding.location is None:
        return [_("What carried it was not found.")] if finding.grade == Verdict.LEAK else []
    said = _("Carried by %(place)s.") if finding.grade == Verdict.LEAK else _("Held in %(place)s.")
    found = [said % {"place": f"`{readable(finding.location.path)}`"}]
    if written := next((source for source in finding.sources if source.role == "written"), None):
        where = {"file": readable(written.file), "number": written.line}
        found.append(_("Written at line %(number)s of %(file)s.") % where)
    return found
