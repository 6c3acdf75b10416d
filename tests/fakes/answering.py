"""An account without AWS's services: it keeps what is put at an address, and what operations were carried out."""

from __future__ import annotations

import asyncio
import json
import uuid
from urllib.parse import unquote

from sandbox_runner import limits
from sandbox_runner.account.aws_names import of_host
from sandbox_runner.account.base import AccountTooSlowError, AwsAnswer, Hidden, Holdings, Reply
from sandbox_runner.account.workflow_news import WorkflowNews
from sandbox_runner.errors import AccountLost
from sandbox_runner.events.records import AccountChange, HeldEntry, HeldThing, HeldValue


def value(body):
    """What is put, as a look tells it."""
    return HeldValue(text=body.decode(), bytes=len(body))


def named(place):
    """A place by the names of a change's fields."""
    return dict(zip(("service", "thing", "name", "key"), place, strict=True))


def holding(place, now):
    """A thing with what lies in it."""
    inside = {each: held for each, held in now.items() if each[:3] == place[:3] and each[-1]}
    entries = tuple(HeldEntry(key=each[-1], value=held) for each, held in inside.items())
    return HeldThing(service=place[0], thing=place[1], name=place[2], count=len(entries), entries=entries)


class FakeAnswering:
    """Makes accounts, and says what they were asked."""

    def __init__(self):
        self.accounts = []
        self.answers = {}

    async def open(self, services=()):
        """One without resources."""
        return self.made({}, ())

    async def close(self):
        """Nothing is left of them."""
        for each in self.accounts:
            each.is_over = True

    @property
    def alive(self):
        """Those that were not ended."""
        return [each for each in self.accounts if not each.is_over]

    def made(self, things, carried_out):
        """One with these."""
        account = FakeAccount(self, dict(things), list(carried_out))
        self.accounts.append(account)
        return account


class FakeAccount:
    """One account. ``asked`` are its requests, each with its seed."""

    def __init__(self, answering, things, carried_out):
        self._answering = answering
        self.things = things
        self.carried_out = carried_out
        self.asked = []
        self.ahead_ms = 0
        self.seen = {}
        self.is_over = False

    async def answer(self, request, seed):
        """PUT keeps, GET gives; what is addressed by a target gets an id."""
        self._check()
        self.asked.append((request, seed))
        if not of_host(request.header("host")):
            return AwsAnswer(501)
        if request.method == "PUT":
            self.things[request.target] = request.body
            return AwsAnswer(200)
        if request.method == "GET":
            found = self.things.get(request.target)
            return AwsAnswer(404) if found is None else AwsAnswer(200, (), found)
        if b"WaitTimeSeconds" in request.body:
            await self._too_slow()
        made = str(uuid.uuid5(uuid.NAMESPACE_OID, seed))
        return AwsAnswer(200, (("content-type", "application/json"),), json.dumps({"MessageId": made}).encode())

    async def call(self, operation, seed):
        """The same operation twice is refused."""
        self._check()
        if operation in self.carried_out:
            said = f"{operation.name}: it exists already"
            return Reply(said, AwsAnswer(400, (("x-amzn-errortype", "AlreadyExists"),), said.encode()))
        self.carried_out.append(operation)
        return Reply("", AwsAnswer(200, (), b"{}"))

    async def copy(self):
        """Another."""
        self._check()
        return self._answering.made(self.things, self.carried_out)

    async def move_workflows(self, now_ms, done, seed):
        """It has no state machines."""
        self._check()
        return WorkflowNews()

    async def pass_time(self, ahead_ms):
        """It has no clock."""
        self._check()
        self.ahead_ms = ahead_ms

    async def hidden(self, queue):
        """It has no queues."""
        self._check()
        return Hidden()

    async def look(self, *, whole):
        """Everything that was put lies in one bucket, and every queue that was made is empty."""
        self._check()
        now = {("s3", "bucket", "letters", unquote(target)[1:]): value(body) for target, body in self.things.items()}
        for each in self.carried_out:
            made = [("s3", "bucket"), ("sqs", "queue")][each.service == "sqs"]
            if (name := next(iter(each.parameters.values()), None)) and isinstance(name, str):
                now[(*made, name, "")] = value(b"")
        changed = [place for place in {**now, **self.seen} if now.get(place) != self.seen.get(place)]
        changes = [
            AccountChange(**named(place), before=self.seen.get(place), after=now.get(place)) for place in changed
        ]
        self.seen = now
        things = tuple(holding(place, now) for place in now if not place[-1]) if whole else ()
        return Holdings(tuple(changes), len(changes), things, len([place for place in now if not place[-1]]))

    async def stream_records(self, _kind, _name, _after, _count):
        """It has no streams."""
        self._check()
        return {}

    async def end(self):
        """It is over."""
        self.is_over = True

    async def _too_slow(self):
        try:
            async with asyncio.timeout(limits.ACCOUNT_ANSWER_S):
                await asyncio.Event().wait()
        except TimeoutError:
            await self.end()
            raise AccountTooSlowError from None

    def _check(self):
        if self.is_over:
            raise AccountLost("it was ended")
