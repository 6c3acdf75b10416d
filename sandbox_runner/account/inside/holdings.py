# ruff: noqa: INP001 - runs in a sandbox, beside answering.py
"""What an account holds, read from moto's own state, so that looking changes nothing: no message is received by it.

Only what lies in a service that was used is looked at. Values of secrets are blanked here, before they are sent.
"""

import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from typing import Any

# What was there at the last look, by service, kind, name and key: a digest, and the beginning of the value.
Seen = dict[tuple[str, str, str, str], tuple[str, dict[str, Any]]]

BLANK = "***"
BINARY_CHARACTERS = 80


class Look:
    """One look at everything in the account.

    :param characters: of each value, these many are taken.
    :param entries: so many are looked at in all; others are counted.
    """

    def __init__(self, account: str, now_ms: float, characters: int, entries: int) -> None:
        self.account = account
        self.now_ms = now_ms
        self.characters = characters
        self.left = entries
        self.seen: Seen = {}
        self.things: list[dict[str, Any]] = []

    def take(self) -> None:
        """Look."""
        for service, read in READ.items():
            module = sys.modules.get(f"moto.{service}.models")
            for region, backend in sorted(getattr(module, f"{service}_backends", {}).get(self.account, {}).items()):
                for thing, name, entries in read(self, backend):
                    self.keep(service, thing, name, entries, region)

    def keep(self, service: str, thing: str, name: str, entries: Iterator[tuple[str, str, Any]], region: str) -> None:
        """One thing with its entries: the key, what says whether it is as it was, and the value."""
        shown, count = [], 0
        name = name if region in {"us-east-1", "aws"} else f"{name} ({region})"
        self.seen[service, thing, name, ""] = ("", value("", 0))
        for key, version, made in entries:
            count += 1
            if self.left > 0:
                self.left -= 1
                given = made()
                self.seen[service, thing, name, key] = (digest(version), given)
                shown.append({"key": key, "value": given})
        self.things.append({"service": service, "thing": thing, "name": name, "count": count, "entries": shown})

    def shown(self, things: int, entries: int, of_one: int) -> list[dict[str, Any]]:
        """The first things, with the first entries of each, so many in all."""
        found = []
        for thing in self.things[:things]:
            taken = thing["entries"][: min(entries, of_one)]
            entries -= len(taken)
            found.append({**thing, "entries": taken})
        return found

    def value_of(self, text: str, state: str = "") -> dict[str, Any]:
        """The beginning of a text."""
        return value(text[: self.characters], len(text.encode("utf-8", "replace")), state)

    def value_of_bytes(self, raw: bytes, size: int, state: str = "") -> dict[str, Any]:
        """The beginning of bytes, as text if they are."""
        for cut in range(4):
            try:
                return value(raw[: len(raw) - cut].decode()[: self.characters], size, state)
            except UnicodeDecodeError:
                if len(raw) >= size:
                    break
        return value(base64.b64encode(raw).decode()[:BINARY_CHARACTERS], size, state or "binary")


def value(text: str, size: int, state: str = "") -> dict[str, Any]:
    """A value as it is told."""
    return {"text": text, "bytes": size, "state": state}


def digest(version: object) -> str:
    """What is equal only for equals."""
    return hashlib.sha256(repr(version).encode("utf-8", "replace")).hexdigest()


def changes(before: Seen, after: Seen) -> list[dict[str, Any]]:
    """What is different, in the order of what is there."""
    found = []
    for place in (*after, *(each for each in before if each not in after)):
        was, now = before.get(place), after.get(place)
        if was is None or now is None or was[0] != now[0]:
            told = dict(zip(("service", "thing", "name", "key"), place, strict=True))
            found.append({**told, "before": was and was[1], "after": now and now[1]})
    return found


def tables(look: Look, backend: Any) -> Any:
    """Of DynamoDB."""
    for name, table in backend.tables.items():
        yield "table", name, items(look, table)


def items(look: Look, table: Any) -> Any:
    """A table's items, in no order but that of their keys."""
    for item in sorted(table.all_items(), key=lambda each: key_of(table, each)):
        text = json.dumps(item.to_json()["Attributes"], ensure_ascii=False, default=str, sort_keys=True)
        yield key_of(table, item), text, lambda text=text: look.value_of(text)


def key_of(table: Any, item: Any) -> str:
    """An item's key: ``id=1, sort=2``."""
    return ", ".join(f"{name}={item.attrs[name].value}" for name in table.table_key_attrs)[:200]


def buckets(look: Look, backend: Any) -> Any:
    """Of S3."""
    for name, bucket in backend.buckets.items():
        yield "bucket", name, objects(look, bucket)


def objects(look: Look, bucket: Any) -> Any:
    """A bucket's objects, the newest version of each."""
    for name, key in sorted(bucket.keys.items()):
        if hasattr(key, "_value_buffer"):
            version = (key.etag, key.version_id, key.contentsize)
            yield name[:200], version, lambda key=key: look.value_of_bytes(beginning(key, look), key.contentsize)


def beginning(key: Any, look: Look) -> bytes:
    """The first bytes of an object."""
    with key.lock:
        key._value_buffer.seek(0)  # noqa: SLF001 - the public way reads all of it
        raw: bytes = key._value_buffer.read(look.characters)  # noqa: SLF001 - as above
    return raw


def queues(look: Look, backend: Any) -> Any:
    """Of SQS."""
    for name, queue in backend.queues.items():
        yield "queue", name, messages(look, queue)


def messages(look: Look, queue: Any) -> Any:
    """A queue's messages. That one becomes visible again is no change: time has passed, nothing else."""
    for message in queue._messages:  # noqa: SLF001 - the public list leaves out what cannot be received
        version = (message.body, message.approximate_receive_count, message.group_id)
        yield message.id, version, lambda message=message: look.value_of(message.body, state_of(look, message))


def state_of(look: Look, message: Any) -> str:
    """Whether a message can be received now."""
    if message.visible_at > look.now_ms:
        return "in-flight"
    return "delayed" if message.delayed_until > look.now_ms else "visible"


def topics(look: Look, backend: Any) -> Any:
    """Of SNS."""
    for topic in backend.topics.values():
        yield "topic", topic.name, subscriptions(look, topic, backend)


def subscriptions(look: Look, topic: Any, backend: Any) -> Any:
    """A topic's subscriptions."""
    for each in backend.subscriptions.values():
        if each.topic is topic:
            attributes = json.dumps(each.attributes, ensure_ascii=False, default=str, sort_keys=True)
            yield f"{each.protocol} {each.endpoint}"[:200], attributes, lambda text=attributes: look.value_of(text)


def secrets(_look: Look, backend: Any) -> Any:
    """Of Secrets Manager: never a value."""
    for secret in dict.values(backend.secrets):
        if hasattr(secret, "versions"):
            yield "secret", secret.name, versions(secret)


def versions(secret: Any) -> Any:
    """A secret's versions, by their identifiers."""
    for name, version in secret.versions.items():
        stages = ", ".join(version.get("version_stages") or ())
        yield name, stages, lambda stages=stages: value(BLANK, 0, stages[:60])


def parameters(look: Look, backend: Any) -> Any:
    """Of Systems Manager: the newest version of each."""
    for name, kept in dict.items(backend._parameters):  # noqa: SLF001 - looking one up by name loads AWS's own
        if kept and not name.startswith("/aws/"):
            yield "parameter", name, iter([newest(look, kept[-1])])


def newest(look: Look, kept: Any) -> Any:
    """A parameter's version; a SecureString is blanked."""
    hidden = kept.parameter_type == "SecureString"
    told = value(BLANK, 0) if hidden else look.value_of(str(kept.value))
    return f"version {kept.version}", kept.version, lambda: told


def streams(look: Look, backend: Any) -> Any:
    """Of Kinesis."""
    for name, stream in backend.streams.items():
        yield "stream", name, stream_records(look, stream)


def stream_records(look: Look, stream: Any) -> Any:
    """A stream's records; none of them ever changes."""
    for shard in stream.shards.values():
        for number, record in shard.records.items():
            raw = base64.b64decode(record.data)
            told = look.value_of_bytes(raw[: look.characters], len(raw), record.partition_key[:60])
            yield f"{shard.shard_id} {number}", number, lambda told=told: told


def buses(look: Look, backend: Any) -> Any:
    """Of EventBridge."""
    for name, bus in backend.event_buses.items():
        if bus.rules:
            yield "bus", name, rules(look, bus)


def rules(look: Look, bus: Any) -> Any:
    """A bus's rules with their targets."""
    for name, rule in bus.rules.items():
        told = {"pattern": rule.event_pattern.dump(), "schedule": rule.scheduled_expression, "targets": rule.targets}
        text = json.dumps({key: each for key, each in told.items() if each}, ensure_ascii=False, default=str)
        yield name, (text, rule.state), lambda text=text, rule=rule: look.value_of(text, rule.state.lower())


# By moto's names of services, which are botocore's here.
READ = {
    "dynamodb": tables,
    "s3": buckets,
    "sqs": queues,
    "sns": topics,
    "secretsmanager": secrets,
    "ssm": parameters,
    "kinesis": streams,
    "events": buses,
}
