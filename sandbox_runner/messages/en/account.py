"""English: what is said of an account."""

from __future__ import annotations

from typing import Final

from sandbox_runner.messages.account_codes import SERVICE_NAMES

ACCOUNT: Final = {
    "service-unknown": "{field:=field}: {value} is not one of the services here; {nearest:did you mean {nearest}?|choose one of {known:=all}}",
    "operation-unknown": "{field:=field}: {service} has no operation {value}; {nearest:did you mean {nearest}?|write it as boto3 does, like create_table}",
    "resource-form": "{field:=field} must be one operation with its parameters; write a service and an operation of boto3's, like sqs.create_queue",
    "resources-without-services": "with {field:=field} set to none, nothing answers for what {other:=field} creates; set it to auto, or remove the resources",
    "call-without-account": "{field:=field} calls {operation}, but the scenario has no AWS services; write {other:=field}: {{services: auto}} at the top",
    "mapping-not-played": "{field:=field} is not played here; a mapping has {known:=all}",
    "mapping-of-nothing": "{field:=field} names the queue {queue}, which is not there yet; make it before, with sqs.create_queue",
    "mapping-twice": "{field:=field} maps {source} to {function} a second time; Lambda allows one such mapping, so remove it",
    "mapping-of-no-stream": "{field:=field} names the stream {arn}, which does not exist yet; create it first, with kinesis.create_stream or the StreamSpecification of dynamodb.create_table",
    "mapping-start": "{field:=field} {value:cannot be {value}; it|must say where to start: it} can be {known:=all}",
    "mapping-needs-window": "{field:=field} is {size}; Lambda takes more than 10 only with MaximumBatchingWindowInSeconds of 1 or more",
    "qualifier-not-played": "{field:=field} names the version or alias {value} of {function}; only its unpublished code, $LATEST, is played here",
    "mapping-filters": "{field:=field} has {count:=plain} filters; Lambda takes at most {most:=plain}, so put them into one pattern or leave some out",
    "mapping-filter": "{field:=field} is not an event pattern that Lambda takes: {said}",
    "mapping-elsewhere": "{field:=field} needs a source in {own}, the region of the functions; remove this mapping, or remove region: {region} from the account",
    "region-unknown": "{field:=field}: {value} is not an AWS region; {nearest:did you mean {nearest}?|write one like eu-west-1}",
    "mapping-visibility": "{field:=field} names a function with a timeout of {timeout:=plain} s, and the queue's VisibilityTimeout is {visibility:=plain} s; Lambda refuses that: make it at least as long",
    "receiver-without-service": "{field:=field} names {value}, and the scenario has no {service:=word}; write {other:=field}: {{services: auto}} at the top",
    "step-call": "call {operation}{principal: as {principal}|}",
    "resource-refused": "{field}, {operation}, was refused by the service: {said}",
    "account-not-kept": "The account is kept as it was at {moments} moments, and a replay needs it as it was at another.",
    "came-by-service": (
        "{reader:=start} {in_log:logged|received} {writer}'s {leaf:`{leaf}`|payload} ({value}) by way of {service:=word}"
        "{name: {thing:=word} {name}|}{key:, {key}|}: {writer:=request} stored it with {stored}, and {reader:=request} read "
        "it with {read}."
    ),
    "came-by-function": (
        "{reader:=start} {in_log:logged|received} {writer}'s {leaf:`{leaf}`|payload} ({value}) by way of the function {name}: "
        "{writer:=request} sent it there, and {reader:=request} got it with that function's answer."
    ),
    "gone-before": "With the account as it was before {writer:=request}, it is gone: no environment held it over.",
    "there-before": (
        "With the account as it was before {writer:=request}, it is there as well, so another request may have stored it."
    ),
    "came-by-services": (
        "Compared {compared} of {answers} warm {answers:answer|answers} with cold starts: {compared:it matches|they "
        "match}, so no environment held anything over. {values:One value|{values} values} of {values:another caller|other "
        "callers} came by way of AWS's services."
    ),
    "passages-found": (
        "Looked at {calls} {calls:call|calls} to AWS's services: {passages:no value of another caller|one value of another "
        "caller|{passages} values of other callers} came by way of them{replays:|; {proven} proven in one replay|; "
        "{proven} proven in {replays} replays}."
    ),
    "account-before": "with the account as it was before request {request:=plain}",
}

ACCOUNT_WORDS: Final = {
    "service": SERVICE_NAMES,
    "thing": {
        "": "",
        "table": "table",
        "state-machine": "state machine",
        "bus": "event bus",
        "stream": "stream",
        "log-group": "log group",
        "bucket": "bucket",
        "secret": "secret",
        "topic": "topic",
        "queue": "queue",
        "parameter": "parameter",
        "function": "function",
    },
}
