"""The values of secrets in calls: blanked wherever they are shown, and kept where they are compared."""

from __future__ import annotations

import json

import pytest

from sandbox_runner.events.records import AccountCalled
from sandbox_runner.events.secret_values import told_with_secrets_blanked, with_secrets_blanked


def called(service, operation, parameters, answer=""):
    texts = [each if isinstance(each, str) else json.dumps(each) for each in (parameters, answer)]
    return AccountCalled(
        service=service,
        operation=operation,
        parameters=texts[0],
        answer=texts[1],
        status_code=200,
        request_bytes=1,
        answer_bytes=1,
        took_us=1,
    )


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "answer"),
    [
        ("secretsmanager", "CreateSecret", {"Name": "n", "SecretString": "hush"}, {"Name": "n"}),
        ("secretsmanager", "PutSecretValue", {"SecretId": "n", "SecretBinary": "hush"}, {"Name": "n"}),
        ("secretsmanager", "GetSecretValue", {"SecretId": "n"}, {"Name": "n", "SecretString": '{"a": "hush"}'}),
        ("secretsmanager", "BatchGetSecretValue", {}, {"SecretValues": [{"Name": "n", "SecretString": "hush"}]}),
        ("secretsmanager", "GetRandomPassword", {"Name": "n"}, {"RandomPassword": "hush"}),
        ("secretsmanager", "PutSecretValue", '{"SecretId": "n", "SecretString": "hush \\"hu', ""),
        ("ssm", "PutParameter", {"Name": "n", "Type": "SecureString", "Value": "hush"}, {"Version": 1}),
        ("ssm", "PutParameter", '{"Name": "n", "Value": "hush hush', ""),
        ("ssm", "GetParameter", {"Name": "n"}, {"Parameter": {"Type": "SecureString", "Value": "hush"}}),
        ("ssm", "GetParameters", {"Names": ["n"]}, {"Parameters": [{"Type": "SecureString", "Value": "hush"}]}),
        ("kms", "Decrypt", {"KeyId": "n"}, {"Plaintext": "hush"}),
        ("sts", "AssumeRole", {"RoleArn": "n"}, "<Credentials><SecretAccessKey>hush</SecretAccessKey></Credentials>"),
    ],
)
def test_the_value_of_a_secret_is_blanked_and_its_name_is_not(service, operation, parameters, answer):
    shown = with_secrets_blanked(called(service, operation, parameters, answer))

    assert "hush" not in shown.parameters + shown.answer
    assert "***" in shown.parameters + shown.answer
    assert "n" in shown.parameters + shown.answer


@pytest.mark.parametrize(
    ("service", "parameters"),
    [
        ("ssm", {"Name": "n", "Type": "String", "Value": "plain"}),
        ("dynamodb", {"Item": {"SecretString": {"S": "plain"}}}),
        ("secretsmanager", {"SecretId": "n", "Description": "plain"}),
    ],
)
def test_what_is_no_secret_stays_as_it_is(service, parameters):
    call = called(service, "X", parameters, {"Type": "String", "Value": "plain"})

    assert with_secrets_blanked(call) == call


def test_a_result_s_json_has_no_secret_and_other_records_as_they_are():
    call = called("secretsmanager", "GetSecretValue", {"SecretId": "n"}, {"SecretString": "hush"})
    other = {"type": "log.written", "text": "hush"}

    assert "hush" not in str(told_with_secrets_blanked(call.model_dump(mode="json", by_alias=True)))
    assert told_with_secrets_blanked(other) is other
