"""Events of services that wait for what the function says: Cognito, CloudFormation and Step Functions. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field, JsonValue

from sandbox_runner.aws_place import REGION
from sandbox_runner.event_templates.template import Parts, Template, arn, base64_of, without_nothing

if TYPE_CHECKING:
    from sandbox_runner.event_templates.caller import Caller

_COGNITO: Final = "https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda"


class CognitoParts(Parts):
    """What all triggers of a user pool have. ``attributes`` are laid over the caller's own."""

    user_name: str | None = None
    user_pool: str = f"{REGION}_EXAMPLE"
    client_id: str = "1example23456789"
    attributes: dict[str, str] = Field(default_factory=dict)
    client_metadata: dict[str, str] | None = None


class PreSignUpParts(CognitoParts):
    """Before a user is made; ``validation_data`` is what the app sent to be checked."""

    trigger: Literal["PreSignUp_SignUp", "PreSignUp_AdminCreateUser", "PreSignUp_ExternalProvider"] = "PreSignUp_SignUp"
    validation_data: dict[str, str] | None = None


class PostConfirmationParts(CognitoParts):
    """After a user or a new password was confirmed."""

    trigger: Literal["PostConfirmation_ConfirmSignUp", "PostConfirmation_ConfirmForgotPassword"] = (
        "PostConfirmation_ConfirmSignUp"
    )


class PreTokenGenerationParts(CognitoParts):
    """Before tokens are made; ``version`` 2 and 3 have the scopes as well."""

    version: Literal["1", "2", "3"] = "1"
    trigger: Literal[
        "TokenGeneration_HostedAuth",
        "TokenGeneration_Authentication",
        "TokenGeneration_NewPasswordChallenge",
        "TokenGeneration_AuthenticateDevice",
        "TokenGeneration_RefreshTokens",
        "TokenGeneration_ClientCredentials",
    ] = "TokenGeneration_Authentication"
    groups: list[str] = Field(default_factory=list)
    scopes: list[str] = Field(default_factory=lambda: ["aws.cognito.signin.user.admin"])


class CustomMessageParts(CognitoParts):
    """Before a message with a code is sent."""

    trigger: Literal[
        "CustomMessage_SignUp",
        "CustomMessage_AdminCreateUser",
        "CustomMessage_ResendCode",
        "CustomMessage_ForgotPassword",
        "CustomMessage_UpdateUserAttribute",
        "CustomMessage_VerifyUserAttribute",
        "CustomMessage_Authentication",
    ] = "CustomMessage_SignUp"


def _trigger(
    parts: Any, caller: Caller, request: dict[str, Any], response: dict[str, Any], version: str = "1"
) -> dict[str, Any]:
    return {
        "version": version,
        "triggerSource": parts.trigger,
        "region": REGION,
        "userPoolId": parts.user_pool,
        "userName": parts.user_name or caller.user,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": parts.client_id},
        "request": request | without_nothing({"clientMetadata": parts.client_metadata}),
        "response": response,
    }


def _attributes(parts: CognitoParts, caller: Caller, status: str = "", **more: str) -> dict[str, str]:
    known = {"cognito:user_status": status} if status else {}
    return {**caller.attributes, **known, **more, **parts.attributes}


def _pre_sign_up(parts: PreSignUpParts, caller: Caller) -> dict[str, Any]:
    # There is no subject before there is a user.
    attributes = {name: value for name, value in _attributes(parts, caller).items() if name != "sub"}
    request = {"userAttributes": attributes, "validationData": parts.validation_data}
    nothing_yet = {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}
    return _trigger(parts, caller, request, nothing_yet)


def _post_confirmation(parts: PostConfirmationParts, caller: Caller) -> dict[str, Any]:
    attributes = _attributes(parts, caller, "CONFIRMED", email_verified="true")
    return _trigger(parts, caller, {"userAttributes": attributes}, {})


def _pre_token_generation(parts: PreTokenGenerationParts, caller: Caller) -> dict[str, Any]:
    is_first = parts.version == "1"
    groups = {"groupsToOverride": parts.groups, "iamRolesToOverride": [], "preferredRole": None}
    request = {
        "userAttributes": _attributes(parts, caller, "CONFIRMED", email_verified="true"),
        "groupConfiguration": groups,
        **({} if is_first else {"scopes": parts.scopes}),
    }
    name = "claimsOverrideDetails" if is_first else "claimsAndScopeOverrideDetails"
    return _trigger(parts, caller, request, {name: None}, parts.version)


def _custom_message(parts: CustomMessageParts, caller: Caller) -> dict[str, Any]:
    invited = parts.trigger == "CustomMessage_AdminCreateUser"
    request = {
        "userAttributes": _attributes(parts, caller, "UNCONFIRMED", email_verified="false"),
        "codeParameter": "{####}",
        "linkParameter": "{##Click Here##}",
        "usernameParameter": "{username}" if invited else None,
    }
    return _trigger(parts, caller, request, {"smsMessage": None, "emailMessage": None, "emailSubject": None})


class CustomResourceParts(Parts):
    """A request of CloudFormation for a resource of one's own."""

    request_type: Literal["Create", "Update", "Delete"] = "Create"
    resource_type: str = "Custom::Example"
    logical_id: str = "ExampleResource"
    physical_id: str | None = None
    stack: str | None = None
    properties: dict[str, JsonValue] | None = None
    old_properties: dict[str, JsonValue] | None = None


def _custom_resource(parts: CustomResourceParts, caller: Caller) -> dict[str, Any]:
    token = arn("lambda", "function:example-function")
    asked = {"Owner": caller.email, "Order": str(caller.order)} if parts.properties is None else parts.properties
    before = {**asked, "Order": "1"} if parts.old_properties is None else parts.old_properties
    exists = parts.request_type != "Create"
    stack = arn("cloudformation", f"stack/{parts.stack or f'stack-of-{caller.user}'}/{caller.subject}")
    bucket = f"cloudformation-custom-resource-response-{REGION.replace('-', '')}.s3.amazonaws.com"
    return {
        "RequestType": parts.request_type,
        "ServiceToken": token,
        "ResponseURL": f"https://{bucket}/{stack}%7C{parts.logical_id}%7C{caller.uuid('request')}?X-Amz-Signature=EXAMPLE",
        "StackId": stack,
        "RequestId": caller.uuid("request"),
        "LogicalResourceId": parts.logical_id,
        **({"PhysicalResourceId": parts.physical_id or f"example-{caller.subject[:8]}"} if exists else {}),
        "ResourceType": parts.resource_type,
        "ResourceProperties": {"ServiceToken": token, **asked},
        **({"OldResourceProperties": {"ServiceToken": token, **before}} if parts.request_type == "Update" else {}),
    }


class StepFunctionsParts(Parts):
    """A task's payload: the state's input, or ``input`` beside the task's ``token`` where the task waits for it."""

    input: dict[str, JsonValue] | None = None
    waits_for_token: bool = False


def _step_functions(parts: StepFunctionsParts, caller: Caller) -> dict[str, Any]:
    given = {**caller.body, "execution": caller.uuid("execution")} if parts.input is None else parts.input
    token = base64_of(caller.hexadecimal("token", 64))
    return {"token": token, "input": given} if parts.waits_for_token else given


TEMPLATES: Final = (
    Template("cognito-pre-sign-up", f"{_COGNITO}-pre-sign-up.html", PreSignUpParts, _pre_sign_up),
    Template(
        "cognito-post-confirmation", f"{_COGNITO}-post-confirmation.html", PostConfirmationParts, _post_confirmation
    ),
    Template(
        "cognito-pre-token-generation",
        f"{_COGNITO}-pre-token-generation.html",
        PreTokenGenerationParts,
        _pre_token_generation,
    ),
    Template("cognito-custom-message", f"{_COGNITO}-custom-message.html", CustomMessageParts, _custom_message),
    Template(
        "custom-resource",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html",
        CustomResourceParts,
        _custom_resource,
    ),
    Template(
        "step-functions",
        "https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html",
        StepFunctionsParts,
        _step_functions,
    ),
)
