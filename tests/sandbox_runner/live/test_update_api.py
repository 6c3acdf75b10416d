"""A live function gets other code or another configuration: a revision, which has environments of its own."""

import io
import json
import zipfile

import pytest
from botocore.exceptions import ClientError

from sandbox_runner import limits
from sandbox_runner.dependencies.preparing import DependenciesFailedError
from sandbox_runner.errors import IndexAway
from sandbox_runner.events.records import DependenciesWanted
from sandbox_runner.messages import say
from sandbox_runner.results.model import Outcome
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.model import InvokeStep
from sandbox_runner.scenario.reader import parse_scenario
from tests.fakes.backend import FakeBackend, FakeFunction
from tests.sandbox_runner.live.test_invoke_api import account, handler


def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.py", text)
    return packed.getvalue()


def steps(result):
    return [type(each).__name__ for each in result.scenario.steps]


async def test_code_that_is_updated_is_a_revision_with_environments_of_its_own():
    async with account() as here:
        before = await here.call("get_function_configuration", FunctionName="front")
        await here.call("invoke", FunctionName="front", Payload=b"1")
        told = await here.call("update_function_code", FunctionName="front", ZipFile=zipped(app="changed = 1"))
        after = await here.call("invoke", FunctionName="front", Payload=b"2")
        listed = await here.call("list_functions")

    assert (told["FunctionName"], told["LastUpdateStatus"]) == ("front", "Successful")
    assert told["CodeSha256"] != before["CodeSha256"]
    assert told["RevisionId"] != before["RevisionId"]
    assert json.loads(after["Payload"]) == {"got": 2, "before": 2}
    assert [each["FunctionName"] for each in listed["Functions"]] == ["front", "other"]
    assert steps(here.result) == ["InvokeStep", "DeployStep", "InvokeStep"]
    assert [each.function for each in here.result.invocations] == ["front", "front-2"]
    assert here.result.scenario.functions["front-2"].files == {"app.py": "changed = 1"}
    assert [each.ended_by for each in here.result.environments] == ["spindown", "run-ended"]


class OfRevisions:
    """What prepares functions and fails at the first of their revisions."""

    def __init__(self, fails):
        self.fails = [fails]

    async def prepare(self, scenario, _backend, _clock, log, _options):
        if self.fails and any(each.deployed_name != name for name, each in scenario.functions.items()):
            log.append(DependenciesWanted(function="front-2", index="npm", manifest="{}"))
            raise self.fails.pop()
        return {}


@pytest.mark.parametrize(
    ("fails", "kind", "said"),
    [
        (IndexAway("no route to the index"), "ServiceException", "no route to the index"),
        (
            DependenciesFailedError(say("package-version-unknown", requirement="idna==9")),
            "InvalidParameterValueException",
            "no version that idna==9 allows",
        ),
    ],
)
async def test_a_revision_that_cannot_be_prepared_is_refused_and_what_was_deployed_stays(fails, kind, said):
    async with account(dependencies=OfRevisions(fails)) as here:
        await here.call("invoke", FunctionName="front", Payload=b"1")
        with pytest.raises(ClientError) as refused:
            await here.call("update_function_configuration", FunctionName="front", Timeout=7)
        told = await here.call("get_function_configuration", FunctionName="front")
        after = await here.call("invoke", FunctionName="front", Payload=b"2")
        again = await here.call("update_function_configuration", FunctionName="front", Timeout=8)

    assert refused.value.response["Error"]["Code"] == kind
    assert said in refused.value.response["Error"]["Message"]
    assert (told["Timeout"], again["Timeout"]) == (3, 8)
    assert json.loads(after["Payload"]) == {"got": 2, "before": 1}
    assert steps(here.result) == ["InvokeStep", "InvokeStep", "DeployStep"]
    assert not any(isinstance(each.record, DependenciesWanted) for each in here.result.events)


async def test_a_configuration_that_is_updated_reaches_the_handler_under_the_functions_own_name():
    changed = {"Timeout": 7, "MemorySize": 256, "Environment": {"Variables": {"STAGE": "prod"}}, "Handler": "app.other"}
    async with account() as here:
        told = await here.call("update_function_configuration", FunctionName="front", **changed)
        read = await here.call("get_function_configuration", FunctionName="front")
        heard = await here.call("invoke", FunctionName="front", Payload=b'"set"')

    assert {name: told[name] for name in changed} == changed
    assert {**read, "ResponseMetadata": 0} == {**told, "ResponseMetadata": 0}
    set_to = {"STAGE": "prod", "AWS_LAMBDA_FUNCTION_NAME": "front", "_HANDLER": "app.other"}
    assert json.loads(heard["Payload"]) == set_to


async def test_what_came_plays_again_with_each_revision_where_it_was_deployed():
    async with account(reserved_concurrency=500) as here:
        for stage in ("one", "two"):
            await here.call("invoke", FunctionName="front", Payload=b'"set"')
            variables = {"Variables": {"STAGE": stage}}
            await here.call("update_function_configuration", FunctionName="front", Environment=variables)
        await here.call("invoke", FunctionName="front", Payload=b'"set"')

    read = parse_scenario(json.loads(json.dumps(here.result.scenario.to_json())))
    again = await play(read, FakeBackend(FakeFunction(handler)), options=RunOptions(prove=False))
    for result in (here.result, again):
        assert [json.loads(each.response)["STAGE"] for each in result.invocations] == ["dev", "one", "two"]
        assert [each.start for each in result.invocations] == ["cold"] * 3


async def test_the_verdict_of_a_session_with_an_update_is_proven_for_each_revision():
    async with account(proves=True) as here:
        for number in (b"1", b"2"):
            await here.call("invoke", FunctionName="front", Payload=number)
        await here.call("update_function_configuration", FunctionName="front", Timeout=9)
        for number in (b"3", b"4"):
            await here.call("invoke", FunctionName="front", Payload=number)
    readers = {(each.function, each.reader.invocation) for each in here.result.findings}
    assert readers == {("front", 2), ("front-2", 4)}


async def test_a_function_without_a_name_in_the_scenario_is_updated_too():
    async with account(single=True) as here:
        await here.call("invoke", FunctionName="holdover", Payload=b"1")
        await here.call("update_function_configuration", FunctionName="holdover", Timeout=9)
        here.visitors.come("prepare")
        await here.call("invoke", FunctionName="holdover", Payload=b"2")

    assert [each.function for each in here.result.invocations] == ["holdover", "holdover-2"]
    assert here.result.invocations[1].outcome is Outcome.SUCCESS
    assert {each.invoke.function for each in here.result.scenario.steps if isinstance(each, InvokeStep)} == {
        "holdover",
        "holdover-2",
    }
    assert parse_scenario(here.result.scenario.to_json()).steps == here.result.scenario.steps


async def test_provisioned_environments_are_those_of_the_revision():
    named = {"FunctionName": "front", "Qualifier": "$LATEST"}
    async with account() as here:
        await here.call("put_provisioned_concurrency_config", **named, ProvisionedConcurrentExecutions=1)
        await here.call("update_function_configuration", FunctionName="front", Timeout=9)
        await here.call("invoke", FunctionName="front", Payload=b"1")
    assert steps(here.result) == ["ProvisionStep", "DeployStep", "ProvisionStep", "InvokeStep"]
    assert here.result.invocations[0].start == "provisioned"


async def test_a_rehearsal_changes_nothing():
    async with account() as here:
        before = await here.call("get_function_configuration", FunctionName="front")
        await here.call("update_function_code", FunctionName="front", ZipFile=zipped(app="changed = 1"), DryRun=True)
        after = await here.call("get_function_configuration", FunctionName="front")
        await here.call("invoke", FunctionName="front")
    assert after["RevisionId"] == before["RevisionId"]
    assert steps(here.result) == ["InvokeStep"]


async def test_an_update_of_a_revision_that_is_not_the_latest_is_refused():
    async with account() as here:
        first = await here.call("get_function_configuration", FunctionName="front")
        expected = {"FunctionName": "front", "RevisionId": first["RevisionId"]}
        await here.call("update_function_configuration", **expected, Timeout=9)
        with pytest.raises(here.client.exceptions.PreconditionFailedException):
            await here.call("update_function_configuration", **expected, Timeout=8)
        await here.call("invoke", FunctionName="front")


async def test_there_is_an_end_to_revisions():
    async with account() as here:
        for _ in range(limits.FUNCTIONS_MAX - 2):
            await here.call("update_function_configuration", FunctionName="front", Timeout=9)
        with pytest.raises(here.client.exceptions.CodeStorageExceededException):
            await here.call("update_function_code", FunctionName="front", ZipFile=zipped(app="x = 1"))
        await here.call("invoke", FunctionName="front")
    assert here.result.invocations[0].function == f"front-{limits.FUNCTIONS_MAX - 1}"


REFUSED = {
    "no zip": ("code", {"ZipFile": b"x"}, "InvalidParameterValueException", "Could not unzip uploaded file."),
    "nothing": ("code", {}, "InvalidParameterValueException", "Please provide a source"),
    "a bucket": ("code", {"S3Bucket": "bucket", "S3Key": "key"}, "NotImplementedException", "S3Bucket"),
    "a timeout over the limit": ("configuration", {"Timeout": 901}, "ValidationException", "901"),
    "a reserved variable": (
        "configuration",
        {"Environment": {"Variables": {"AWS_REGION": "x"}}},
        "InvalidParameterValueException",
        "Reserved keys used in this request: AWS_REGION",
    ),
    "a network of its own": (
        "configuration",
        {"VpcConfig": {"SubnetIds": ["subnet-1"]}},
        "NotImplementedException",
        "VpcConfig",
    ),
    "a file outside": ("code", {"ZipFile": zipped(**{"../x": "1"})}, "InvalidParameterValueException", "unzip"),
}


@pytest.mark.parametrize(("what", "changed", "error", "said"), REFUSED.values(), ids=REFUSED.keys())
async def test_an_update_that_is_refused_changes_nothing(what, changed, error, said):
    async with account() as here:
        with pytest.raises(ClientError) as raised:
            await here.call(f"update_function_{what}", FunctionName="front", **changed)
        await here.call("invoke", FunctionName="front")
    assert raised.value.response["Error"]["Code"] == error
    assert said in raised.value.response["Error"]["Message"]
    assert steps(here.result) == ["InvokeStep"]
