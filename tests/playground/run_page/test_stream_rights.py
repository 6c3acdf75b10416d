"""A stream that is open ends once whoever reads it may read no more."""

import asyncio
import time

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import logout
from django.http import HttpRequest
from django.test import AsyncClient
from django.urls import reverse
from django.utils import timezone

from playground.accounts import tokens
from playground.accounts.models import Membership, User
from playground.experiments.models import Experiment, Visibility
from playground.runs import submission
from tests.playground.happenings import step
from tests.playground.people import join, person, team, token_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_connection_is_left")]

ENDS_WITHIN_S = 2.5


def changed(run, **fields):
    Experiment.objects.filter(pk=run.revision.experiment_id).update(**fields)


async def opened(run, name, client=None, headers=None):
    answer = await (client or AsyncClient()).get(reverse(name, args=[run.id]), headers=headers or {})
    assert answer.status_code == 200
    messages = aiter(answer)
    await asyncio.wait_for(anext(messages), 15)
    return messages


async def ended_after_s(messages):
    """How long a stream goes on, in seconds."""
    began_s = time.monotonic()
    async with asyncio.timeout(15):
        async for _ in messages:
            pass
    return time.monotonic() - began_s


HIDDEN = {
    "private": ("run-events", {"visibility": Visibility.PRIVATE}),
    "private, for a program": ("api-run-events", {"visibility": Visibility.PRIVATE}),
    "deleted": ("run-events", {"deleted_at": timezone.now()}),
    "taken down": ("api-run-events", {"taken_down_at": timezone.now()}),
}


@pytest.mark.parametrize(("name", "fields"), HIDDEN.values(), ids=HIDDEN.keys())
async def test_a_stranger_hears_no_more_of_what_is_hidden(run, publisher, name, fields):
    step(publisher, 1)
    messages = await opened(run, name)

    await sync_to_async(changed)(run, **fields)

    assert await ended_after_s(messages) < ENDS_WITHIN_S


@sync_to_async
def in_a_team(run):
    member = person()
    platform = team(owner=[person("owner")])
    join(platform, member)
    changed(run, visibility=Visibility.TEAM, team=platform)
    client = AsyncClient()
    client.force_login(member)
    return member, client


async def test_a_member_who_is_removed_hears_no_more(run, publisher):
    step(publisher, 1)
    member, client = await in_a_team(run)
    messages = await opened(run, "run-events", client)

    await sync_to_async(Membership.objects.filter(user=member).delete)()

    assert await ended_after_s(messages) < ENDS_WITHIN_S


def signed_out(client, member):
    request = HttpRequest()
    request.session = client.session
    request.user = member
    logout(request)


def password_changed(client, member):
    member.set_password("another good one")
    member.save()


def deactivated(client, member):
    User.objects.filter(pk=member.pk).update(is_active=False)


@pytest.mark.parametrize("end", [signed_out, password_changed, deactivated])
async def test_whoever_signs_out_hears_no_more_of_what_is_the_teams(run, publisher, end):
    step(publisher, 1)
    member, client = await in_a_team(run)
    messages = await opened(run, "run-events", client)

    await sync_to_async(end)(client, member)

    assert await ended_after_s(messages) < ENDS_WITHIN_S


async def test_a_revoked_token_hears_no_more(run, publisher):
    step(publisher, 1)
    member, _ = await in_a_team(run)
    token, secret = await sync_to_async(token_of)(member)
    messages = await opened(run, "api-run-events", headers={"Authorization": f"Bearer {secret}"})

    await sync_to_async(tokens.revoke)(member, token.pk)

    assert await ended_after_s(messages) < ENDS_WITHIN_S


async def test_whoever_still_may_read_hears_on(run, publisher):
    step(publisher, 1)
    _, client = await in_a_team(run)
    messages = await opened(run, "run-events", client)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ended_after_s(messages), ENDS_WITHIN_S)


async def test_the_end_of_a_run_is_still_told(run, publisher):
    step(publisher, 1)
    _, client = await in_a_team(run)
    messages = await opened(run, "run-events", client)

    await sync_to_async(submission.cancel)(run)
    publisher.close("cancelled")
    await sync_to_async(type(run).objects.filter(pk=run.pk).update)(status="cancelled")

    async with asyncio.timeout(15):
        assert "event: done" in "".join([message.decode() async for message in messages])
