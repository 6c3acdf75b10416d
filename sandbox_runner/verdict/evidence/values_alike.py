"""Values that several callers send in the same place, so that a leak of one looks like the other's own. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox_runner.event_templates import registry
from sandbox_runner.event_templates.caller import Caller
from sandbox_runner.messages import cut, say
from sandbox_runner.verdict.evidence.case import constants_of, recognisable
from sandbox_runner.verdict.texts.outputs import bounded_leaves, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox_runner.messages import Message
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.scenario.request import Request
    from sandbox_runner.verdict.texts.markers import Marker

# Of one scenario, before it is played: so much is looked at, and a form is looked at while somebody types.
_LEAVES_MAX: Final = 50_000
_PAIRS_MAX: Final = 50
# What an event says of the function's own way in, and the same for all who call it: names of leaves of HTTP events
# (https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#apigateway-example-event,
# https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads) and of records
# (https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#sample-standard-queue-message-event).
_ENVELOPES: Final = ("requestContext", "Records")
_OF_THE_WAY_IN: Final = frozenset(
    (
        *("accountid", "apiid", "domainname", "domainprefix", "host", "protocol", "resource", "resourceid"),
        *("resourcepath", "routekey", "stage", "x-forwarded-port", "x-forwarded-proto"),
        *("awsregion", "eventname", "eventsource", "eventsourcearn", "eventversion"),
    )
)


def sent_alike(sent: object, own: object, markers: Iterable[Marker]) -> list[str]:
    """The leaves of a payload whose values another payload has in the same places, and that tell who sent them.

    What many would send, as the name of a method or of the host, is left out.

    :param markers: what is recognisable of the first.
    """
    others = dict(bounded_leaves(own)[0])
    texts = {each.text for each in markers if not each.part}
    return [
        path
        for path, value in bounded_leaves(sent)[0]
        if path in others
        and type(others[path]) is type(value)
        and others[path] == value
        and text_of(value) in texts
        and not _is_of_the_way_in(own, path)
    ]


def warning(scenario: Scenario) -> Message | None:
    """That callers of a scenario that is not played yet will send the same; nothing where they do not."""
    alike = dict(_alike(scenario))
    if not alike:
        return None
    (leaf, value), requests = next(iter(alike.items()))
    return say("same-value-ahead", requests=requests, leaf=cut(leaf), value=cut(value), more=len(alike) - 1)


def _alike(scenario: Scenario) -> Iterator[tuple[tuple[str, str], list[int]]]:
    """Each leaf and value with the requests that send it, where they are of several callers.

    What an event template writes for any caller is nobody's.
    """
    requests = {index: (principal, request) for index, principal, request in scenario.requests()}
    markers: dict[int, tuple[Marker, ...]] = {}
    confirmed: dict[tuple[int, int], list[str]] = {}
    for path, value, indexes in _in_the_same_place(scenario, requests):
        first, other = indexes[0], next((i for i in indexes if requests[i][0] != requests[indexes[0]][0]), None)
        if other is None or ((first, other) not in confirmed and len(confirmed) >= _PAIRS_MAX):
            continue
        request = requests[first][1]
        if first not in markers:
            constants = constants_of(scenario.functions[scenario.name_of(request.function)])
            markers[first] = recognisable(request.payload, constants)
        if (first, other) not in confirmed:
            nobodys = of_its_template(request)
            alike = sent_alike(request.payload, requests[other][1].payload, markers[first])
            sent = dict(bounded_leaves(request.payload)[0])
            confirmed[first, other] = [each for each in alike if (each, sent[each]) not in nobodys]
        if path in confirmed[first, other]:
            yield (path, text_of(value)), indexes


def _in_the_same_place(
    scenario: Scenario, requests: dict[int, tuple[str, Request]]
) -> Iterator[tuple[str, object, list[int]]]:
    """Path and value of each leaf that several requests to one function have, and those requests."""
    found: dict[tuple[str, str, type, object], list[int]] = {}
    room = _LEAVES_MAX
    for index, (_, request) in requests.items():
        leaves = bounded_leaves(request.payload)[0][:room]
        room -= len(leaves)
        for path, value in leaves:
            found.setdefault((scenario.name_of(request.function), path, type(value), value), []).append(index)
    return ((path, value, indexes) for (_, path, _, value), indexes in found.items() if len(indexes) > 1)


def of_its_template(request: Request | None) -> frozenset[tuple[str, object]]:
    """The leaves that the template of a payload makes for anybody, with their values.

    There are none of a request that no step makes.
    """
    if request is None or request.made_from is None or request.made_from.template not in registry.NAMES:
        return frozenset()
    made = registry.made({registry.KEY: request.made_from.template}, Caller("nobody", 0))
    return frozenset(bounded_leaves(made)[0])


def _is_of_the_way_in(payload: object, path: str) -> bool:
    is_event = isinstance(payload, dict) and any(name in payload for name in _ENVELOPES)
    return is_event and re.split(r"[.\[]", re.sub(r"\[\d+\]\Z", "", path))[-1].strip('"]').lower() in _OF_THE_WAY_IN
