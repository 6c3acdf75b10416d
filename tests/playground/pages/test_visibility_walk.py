"""Every address, made from the URL configuration, as everybody: nothing is shown to whom it is not, or changed by them.

A new address is walked by itself. Where it has a parameter that ``walk_world.py`` beside this file does not know,
the walk fails and says which.
"""

import re
from urllib.parse import urlencode

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.urls import URLPattern, get_resolver, reverse

from playground.accounts.models import Membership
from playground.experiments.models import Experiment, Revision, Run
from playground.library.models import CollectionItem, Note
from tests.playground.pages.walk_world import (
    ALL,
    EXCHANGED,
    MEMBERS,
    OF_AN_EXPERIMENT,
    PARAMETERS,
    SENT,
    build,
    clients,
)

pytestmark = pytest.mark.django_db

# Each walk takes seconds; of those who may open nothing, and those who may only open, every run has one.
DAILY = {"stranger", "reader"}
WALKERS = [pytest.param(who, marks=[] if who in DAILY else pytest.mark.matrix) for who in sorted(ALL)]

# For programs: with a token's header instead of a cookie.
API = "api/"
METHODS_OF_API = ("get", "post", "put", "patch", "delete")
METHODS = ("get", "post")
# What an address answers about something that is not there for whoever asks: nothing, or that it never takes this
# method. Claiming without a person leads to the sign-in, the same for every address.
NOTHING = {404, 405}


def routes(resolver=None, prefix=""):
    """Every address of the project as one pattern: ``x/{experiment_id}/edit``."""
    for one in (resolver or get_resolver()).url_patterns:
        route = prefix + readable(str(one.pattern))
        if isinstance(one, URLPattern):
            yield route
        else:
            yield from routes(one, route)


def readable(pattern):
    """A path's or an expression's parameters in one way of writing."""
    named = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^)]*\))*\)", r"{\1}", pattern)
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", named).removeprefix("^").removesuffix("$")


ROUTES = sorted(set(routes()))


def parameters(route):
    return set(re.findall(r"\{(\w+)\}", route))


def test_what_stands_for_every_parameter_is_known():
    unknown = {route: missing for route in ROUTES if (missing := parameters(route) - PARAMETERS.keys())}

    assert not unknown, "say in tests/playground/pages/walk_world.py what stands for these parameters"


def addresses(route, world, kept):
    """Where it leads for that experiment, pairs in both orders."""
    values = {name: PARAMETERS[name](world, kept) for name in parameters(route)}
    exchanged = {EXCHANGED.get(name, name): value for name, value in values.items()}
    return sorted({"/" + route.format(**each) for each in (values, exchanged)})


def is_of_an_experiment(route):
    return bool(parameters(route) & OF_AN_EXPERIMENT)


def body_of(response):
    """All of an answer: its status line's rest, headers, body."""
    content = _streamed(response) if response.streaming else response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    return f"{headers}\n{content.decode('utf-8', 'replace')}"


def _streamed(response):
    async def all_of_it():
        return b"".join([part async for part in response.streaming_content])

    return async_to_sync(all_of_it)() if response.is_async else b"".join(response.streaming_content)


def asked(client, method, where, query, headers):
    """One request. A question that no code of ours expects must not be one that it fails at."""
    if method == "get":
        return client.get(f"{where}?{urlencode(query)}", headers=headers)
    if where.startswith(f"/{API}"):
        return getattr(client, method)(where, SENT, content_type="application/json", headers=headers)
    return client.post(where, SENT | query, headers=headers)


def words_in(text, kept):
    return [word for word in kept.words() if word in text]


def state_of(kept):
    """What is stored of an experiment, everything that hangs on it included."""
    of_it = {"revision__experiment": kept.experiment.pk}
    return [
        list(Experiment.objects.filter(pk=kept.experiment.pk).values().order_by("pk")),
        list(kept.experiment.tags.values_list("name", flat=True).order_by("name")),
        list(Revision.objects.filter(experiment=kept.experiment.pk).values_list("pk", "sha256").order_by("pk")),
        list(Run.objects.filter(**of_it).values().order_by("pk")),
        list(Note.objects.filter(run__revision__experiment=kept.experiment.pk).values().order_by("pk")),
        list(CollectionItem.objects.filter(experiment=kept.experiment.pk).values().order_by("pk")),
        Experiment.objects.filter(forked_from__experiment=kept.experiment.pk).count(),
        Revision.objects.filter(parent__experiment=kept.experiment.pk).count(),
    ]


def rights_of(kept):
    """What only the holder of the edit right may change."""
    words = ("title", "description", "visibility", "owner_id", "team_id", "browser_key", "deleted_at", "purged_at")
    tags = kept.experiment.tags.values_list("name", flat=True).order_by("name")
    return [Experiment.objects.values_list(*words).get(pk=kept.experiment.pk), list(tags)]


def without_visit(state):
    """The same without when somebody last looked, which is not what they asked for."""
    for row in state[0]:
        row.pop("visited_at", None)
    return state


def ways(world, who):
    """How that one asks: at their browser, and where they are a person by a program of theirs too."""
    browsers = clients(world)
    yield browsers[who], {}
    if secret := world.token_secrets.get(who):
        yield browsers["stranger"], {"Authorization": f"Bearer {secret}"}


def questions(kept):
    """What an address may ask for: to copy it, to find it by its words."""
    return {"from": kept.run.pk, "parent": kept.revision.pk, "q": "function", "name": "", "runs": kept.run.pk}


@pytest.fixture
def world():
    return build()


@pytest.mark.parametrize("who", WALKERS)
def test_nobody_is_shown_or_changes_what_they_may_not_open(world, walked, who):
    # What its maker deleted they may bring back, and then it is there again.
    hidden = [kept for kept in world.kept if who not in kept.visible_to | kept.editable_by]
    before = {kept.name: without_visit(state_of(kept)) for kept in hidden}
    leaks, wrong = [], []

    for route, kept, method, response in visits(world, who, hidden):
        count(walked, who, kept)
        text = body_of(response)
        leaks += [(method, route, word) for other in hidden for word in words_in(text, other)]
        if is_wrong(route, kept, who, response):
            wrong.append((method, route, kept.name, response.status_code))

    assert not leaks
    assert not wrong
    assert {kept.name: without_visit(state_of(kept)) for kept in hidden} == before


def count(walked, who, kept):
    """One request of the walk."""
    for what in ("requests of the walk", f"viewers: {who}", f"states of an experiment: {kept.name}"):
        walked[what] += 1


def visits(world, who, some, *, but=()):
    """Every address with every method as that one, for each of ``some``; what names no experiment is asked once."""
    for client, headers in ways(world, who):
        for route in ROUTES:
            if headers and not route.startswith(API):
                continue
            for kept in some if is_of_an_experiment(route) else some[:1]:
                for where in addresses(route, world, kept):
                    for method in METHODS_OF_API if route.startswith(API) else METHODS:
                        if method not in but:
                            yield route, kept, method, asked(client, method, where, questions(kept), headers)
                            stay(world, who, client, headers)


def stay(world, who, client, headers):
    """Whoever was signed out by what they asked for signs in again: else a stranger would walk on in their place.

    Whoever joined the team, as anybody may who has its invitation, leaves it.
    """
    if who not in world.people:
        return
    if not headers and "_auth_user_id" not in client.session:
        client.force_login(world.people[who], settings.AUTHENTICATION_BACKENDS[0])
    if who not in MEMBERS:
        Membership.objects.filter(user=world.people[who]).delete()


def is_wrong(route, kept, who, response):
    """Whether an answer tells that there is something, or is a failure of ours."""
    status = response.status_code
    if status == 500:
        return True
    if not is_of_an_experiment(route) or status in NOTHING:
        return False
    if status == 410:
        return who not in kept.known_to
    if status in (401, 415, 422) and route.startswith(API):
        return False
    # 403 is among what is left: it would say that there is something.
    return not (status == 302 and response.headers["Location"].startswith("/accounts/login/"))


@pytest.mark.parametrize("who", WALKERS)
def test_nobody_changes_what_they_may_only_open(world, walked, who):
    # To draw what may be opened takes longest: who is nobody walks through it once, where they may not open it.
    but = {"get"} if who == "stranger" else set()
    read_only = [kept for kept in world.kept if who in kept.visible_to - kept.editable_by]
    before = {kept.name: rights_of(kept) for kept in read_only}

    for route, kept, method, response in visits(world, who, read_only, but=but):
        count(walked, who, kept)
        assert response.status_code != 500, (method, route)

    assert {kept.name: rights_of(kept) for kept in read_only} == before


@pytest.mark.parametrize("who", sorted(ALL))
def test_everybody_is_shown_what_they_may_open(world, who):
    client = clients(world)[who]
    for kept in world.kept:
        if who not in kept.visible_to:
            continue
        live = client.get(reverse("run-events", args=[kept.run.pk]))
        pages = [client.get(kept.experiment.get_absolute_url()), client.get(kept.run.get_absolute_url())]
        shown = "".join(body_of(page) for page in pages)

        assert [page.status_code for page in (live, *pages)] == [200] * 3
        assert not {"titleword", "descriptionword", "tagword", "codeword", "payloadword", "logword"} - {
            word.removesuffix(kept.name) for word in words_in(shown, kept)
        }


@pytest.mark.database
def test_what_is_listed_for_a_stranger_is_public_only(world):
    client = clients(world)["stranger"]
    listed = [route for route in ROUTES if not parameters(route)]
    of_others = [kept for kept in world.kept if kept.name != "public"]

    pages = {route: body_of(client.get(f"/{route}?q=function")) for route in listed}
    found = [(route, word) for route, text in pages.items() for kept in of_others for word in words_in(text, kept)]

    assert not found


@pytest.mark.database
def test_a_team_and_its_members_are_there_for_members_only(world):
    routes_of_team = [route for route in ROUTES if "team_id" in parameters(route)]
    before = list(Membership.objects.values().order_by("pk"))
    browsers = clients(world)

    for who in sorted(ALL - {"maker", "owner", "editor", "reader"}):
        for route in routes_of_team:
            for method in METHODS:
                (where,) = addresses(route, world, world.kept[0])
                response = asked(browsers[who], method, where, {}, {})
                text = body_of(response)
                assert "Platform" not in text, (who, method, route)
                assert response.status_code in {302, 404, 405}, (who, method, route)

    assert list(Membership.objects.values().order_by("pk")) == before
