"""What a scenario says of an event stands in every place where AWS has it, encoded as AWS encodes it."""

import base64
import hashlib
import json

import pytest
from pydantic import ValidationError

from sandbox_runner.event_templates import Caller, made
from sandbox_runner.event_templates.http import parameters
from sandbox_runner.event_templates.template import merged


def payload(template, **parts):
    return made({"template": template, **parts}, Caller("alice", 1))


HTTP = ("apigateway-v1", "apigateway-v2", "function-url", "alb")


@pytest.mark.parametrize("template", HTTP)
def test_a_body_that_is_no_text_is_sent_as_json(template):
    event = payload(template, body={"card": "4111"})
    assert (event["body"], event["isBase64Encoded"]) == ('{"card":"4111"}', False)
    headers = {name.lower(): value for name, value in event["headers"].items()}
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("template", HTTP)
def test_a_body_can_come_as_base64_and_text_stays_text(template):
    event = payload(template, body="name=alice&n=1", base64=True, headers={"Content-Type": "text/plain"})
    assert base64.b64decode(event["body"]) == b"name=alice&n=1"
    assert event["isBase64Encoded"] is True


@pytest.mark.parametrize("template", HTTP)
def test_a_post_that_says_no_body_has_the_callers_and_one_of_null_has_none(template):
    own = payload(template, method="post", path="/orders")
    assert json.loads(own["body"])["name"] == "alice"
    assert not payload(template, method="post", path="/orders", body=None).get("body")
    assert not payload(template, method="DELETE", path="/orders").get("body")


@pytest.mark.parametrize("template", HTTP)
def test_a_request_that_says_a_path_and_no_body_is_a_get_without_one(template):
    event = payload(template, path="/users/1")
    assert event.get("httpMethod", event["requestContext"].get("http", {}).get("method")) == "GET"
    assert not event.get("body")


def test_a_rest_api_has_everything_once_and_as_lists():
    event = payload("apigateway-v1", path="/a", query={"tag": ["x", "y z"], "n": 2}, cookies={"s": "1", "t": "2"})
    assert event["queryStringParameters"] == {"tag": "y z", "n": "2"}
    assert event["multiValueQueryStringParameters"] == {"tag": ["x", "y z"], "n": ["2"]}
    assert event["headers"]["Cookie"] == "s=1; t=2"
    assert event["multiValueHeaders"]["Cookie"] == ["s=1; t=2"]
    assert (event["resource"], event["pathParameters"]) == ("/{proxy+}", {"proxy": "a"})
    assert event["requestContext"]["path"] == "/prod/a"


def test_a_rest_api_without_a_query_has_null_for_it():
    event = payload("apigateway-v1", path="/")
    assert event["queryStringParameters"] is None
    assert (event["resource"], event["pathParameters"]) == ("/", None)


@pytest.mark.parametrize("template", ["apigateway-v2", "function-url"])
def test_version_2_joins_values_with_commas_and_has_cookies_apart(template):
    event = payload(template, path="/a", query={"tag": ["x", "y z"]}, cookies={"s": "1"}, headers={"X-A": ["1", "2"]})
    assert event["queryStringParameters"] == {"tag": "x,y z"}
    assert event["rawQueryString"] == "tag=x&tag=y%20z"
    assert event["headers"]["x-a"] == "1,2"
    assert event["cookies"] == ["s=1"]
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == "/a"


@pytest.mark.parametrize("template", ["apigateway-v2", "function-url"])
def test_version_2_leaves_out_what_is_not_there(template):
    event = payload(template, path="/", claims=None) if template == "apigateway-v2" else payload(template, path="/")
    assert not {"body", "cookies", "pathParameters", "queryStringParameters", "stageVariables"} & set(event)
    assert event["rawQueryString"] == ""
    assert "authorizer" not in event["requestContext"]


def test_an_http_api_has_claims_as_text():
    event = payload("apigateway-v2", claims={"groups": ["a", "b"], "admin": True})
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    assert (claims["groups"], claims["admin"], claims["email"]) == ("[a b]", "true", "alice@example.com")


def test_a_load_balancer_passes_the_query_on_encoded_and_an_empty_body():
    event = payload("alb", path="/", query={"q": "a b&c"})
    assert event["queryStringParameters"] == {"q": "a%20b%26c"}
    assert event["body"] == ""


@pytest.mark.parametrize(
    ("route", "path", "taken"),
    [
        ("/users/{id}", "/users/7", {"id": "7"}),
        ("/users/{id}/orders/{order}", "/users/7/orders/x-1", {"id": "7", "order": "x-1"}),
        ("/{proxy+}", "/a/b/c", {"proxy": "a/b/c"}),
        ("/users", "/users", {}),
        ("/users/{id}", "/users/7/more", None),
        ("/a.b/{id}", "/axb/7", None),
    ],
)
def test_a_route_takes_parameters_out_of_a_path_that_matches_it(route, path, taken):
    assert parameters(route, path) == taken


def test_a_route_that_does_not_match_is_refused():
    with pytest.raises(ValidationError, match="event-route"):
        payload("apigateway-v2", route="/users/{id}", path="/orders/1")


def test_a_message_has_the_digest_of_its_body_and_a_batch_one_record_for_each():
    event = payload("sqs", batch=[{"n": 1}, "text"])
    assert [record["body"] for record in event["Records"]] == ['{"n":1}', "text"]
    assert event["Records"][1]["md5OfBody"] == hashlib.md5(b"text", usedforsecurity=False).hexdigest()
    assert len({record["messageId"] for record in event["Records"]}) == 2


def test_a_stream_s_data_is_base64_of_json():
    (record,) = payload("kinesis", data={"n": 1})["Records"]
    assert json.loads(base64.b64decode(record["kinesis"]["data"])) == {"n": 1}


def test_a_table_s_items_are_attribute_values():
    image = {"s": "x", "n": 1.5, "t": True, "z": None, "l": ["a", 2], "m": {"k": "v"}}
    (record,) = payload("dynamodb", event_name="MODIFY", keys={"s": "x"}, new_image=image)["Records"]
    assert record["dynamodb"]["Keys"] == {"s": {"S": "x"}}
    assert record["dynamodb"]["NewImage"] == {
        "s": {"S": "x"},
        "n": {"N": "1.5"},
        "t": {"BOOL": True},
        "z": {"NULL": True},
        "l": {"L": [{"S": "a"}, {"N": "2"}]},
        "m": {"M": {"k": {"S": "v"}}},
    }
    assert "OldImage" in record["dynamodb"]


@pytest.mark.parametrize(("event_name", "images"), [("INSERT", {"NewImage"}), ("REMOVE", {"OldImage"})])
def test_what_is_new_has_no_old_image_and_what_is_gone_no_new_one(event_name, images):
    (record,) = payload("dynamodb", event_name=event_name)["Records"]
    assert {"NewImage", "OldImage"} & set(record["dynamodb"]) == images


def test_an_object_s_key_is_url_encoded_and_a_removed_one_has_no_size():
    (record,) = payload("s3", key="a b/ü+.txt", event_name="ObjectRemoved:Delete")["Records"]
    assert record["s3"]["object"]["key"] == "a+b/%C3%BC%2B.txt"
    assert "size" not in record["s3"]["object"]


def test_a_second_version_of_token_generation_has_scopes():
    event = payload("cognito-pre-token-generation", version="2", groups=["admins"], attributes={"email": "x@b.example"})
    assert event["request"]["scopes"]
    assert event["request"]["groupConfiguration"]["groupsToOverride"] == ["admins"]
    assert event["request"]["userAttributes"]["email"] == "x@b.example"
    assert event["response"] == {"claimsAndScopeOverrideDetails": None}


@pytest.mark.parametrize(
    ("request_type", "present"),
    [
        ("Create", set()),
        ("Update", {"PhysicalResourceId", "OldResourceProperties"}),
        ("Delete", {"PhysicalResourceId"}),
    ],
)
def test_a_custom_resource_has_what_its_request_type_has(request_type, present):
    event = payload("custom-resource", request_type=request_type, properties={"Size": 3})
    assert {"PhysicalResourceId", "OldResourceProperties"} & set(event) == present
    assert event["ResourceProperties"]["Size"] == 3


def test_a_task_that_waits_has_its_token_beside_its_input():
    assert payload("step-functions", input={"n": 1}) == {"n": 1}
    waiting = payload("step-functions", input={"n": 1}, waits_for_token=True)
    assert (set(waiting), waiting["input"]) == ({"token", "input"}, {"n": 1})


@pytest.mark.parametrize(
    ("value", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b", "b": 1}, {"a": None}, {"b": 1}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": 1}, {"b": {"c": {"d": None}}}, {"a": 1, "b": {"c": {}}}),
        (["a"], {"a": 1}, {"a": 1}),
    ],
)
def test_merge_follows_json_merge_patch(value, patch, result):
    assert merged(value, patch) == result


def test_merge_is_laid_over_the_finished_payload():
    event = payload("apigateway-v2", merge={"requestContext": {"authorizer": None, "stage": "beta"}, "extra": 1})
    assert "authorizer" not in event["requestContext"]
    assert (event["requestContext"]["stage"], event["extra"]) == ("beta", 1)
