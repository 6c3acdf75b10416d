"""Every template has the keys that AWS's page about it has, and values that are the caller's own."""

import json

import pytest

from sandbox_runner.event_templates import NAMES, TEMPLATES, Caller, event_schema, made
from sandbox_runner.verdict.texts.markers import markers_of
from sandbox_runner.verdict.texts.outputs import bounded_leaves

# The keys of each page, lists by their first entry; read beside the page that the template names.
SHAPES = {
    "apigateway-v1": """
        resource path httpMethod headers.Accept headers.Content-Type headers.Host headers.User-Agent
        headers.X-Amzn-Trace-Id headers.X-Forwarded-For headers.X-Forwarded-Port headers.X-Forwarded-Proto
        multiValueHeaders.Accept[] multiValueHeaders.Content-Type[] multiValueHeaders.Host[]
        multiValueHeaders.User-Agent[] multiValueHeaders.X-Amzn-Trace-Id[] multiValueHeaders.X-Forwarded-For[]
        multiValueHeaders.X-Forwarded-Port[] multiValueHeaders.X-Forwarded-Proto[] queryStringParameters.user
        multiValueQueryStringParameters.user[] pathParameters.id stageVariables requestContext.accountId
        requestContext.apiId requestContext.authorizer.claims.sub
        requestContext.authorizer.claims.cognito:username requestContext.authorizer.claims.email
        requestContext.authorizer.claims.iss requestContext.authorizer.claims.aud
        requestContext.authorizer.claims.token_use requestContext.domainName requestContext.domainPrefix
        requestContext.extendedRequestId requestContext.httpMethod requestContext.identity.accessKey
        requestContext.identity.accountId requestContext.identity.caller
        requestContext.identity.cognitoAuthenticationProvider requestContext.identity.cognitoAuthenticationType
        requestContext.identity.cognitoIdentityId requestContext.identity.cognitoIdentityPoolId
        requestContext.identity.principalOrgId requestContext.identity.user requestContext.identity.userArn
        requestContext.identity.sourceIp requestContext.identity.userAgent requestContext.path
        requestContext.protocol requestContext.requestId requestContext.requestTime
        requestContext.requestTimeEpoch requestContext.resourceId requestContext.resourcePath
        requestContext.stage body isBase64Encoded
    """,
    "apigateway-v2": """
        version routeKey rawPath rawQueryString headers.accept headers.content-length headers.content-type
        headers.host headers.user-agent headers.x-amzn-trace-id headers.x-forwarded-for headers.x-forwarded-port
        headers.x-forwarded-proto queryStringParameters.user requestContext.accountId requestContext.apiId
        requestContext.authorizer.jwt.claims.sub requestContext.authorizer.jwt.claims.cognito:username
        requestContext.authorizer.jwt.claims.email requestContext.authorizer.jwt.claims.iss
        requestContext.authorizer.jwt.claims.aud requestContext.authorizer.jwt.claims.token_use
        requestContext.authorizer.jwt.scopes requestContext.domainName requestContext.domainPrefix
        requestContext.http.method requestContext.http.path requestContext.http.protocol
        requestContext.http.sourceIp requestContext.http.userAgent requestContext.requestId
        requestContext.routeKey requestContext.stage requestContext.time requestContext.timeEpoch body
        isBase64Encoded pathParameters.id
    """,
    "function-url": """
        version routeKey rawPath rawQueryString headers.accept headers.content-length headers.content-type
        headers.host headers.user-agent headers.x-amzn-trace-id headers.x-forwarded-for headers.x-forwarded-port
        headers.x-forwarded-proto queryStringParameters.user requestContext.accountId requestContext.apiId
        requestContext.domainName requestContext.domainPrefix requestContext.http.method
        requestContext.http.path requestContext.http.protocol requestContext.http.sourceIp
        requestContext.http.userAgent requestContext.requestId requestContext.routeKey requestContext.stage
        requestContext.time requestContext.timeEpoch body isBase64Encoded
    """,
    "alb": """
        requestContext.elb.targetGroupArn httpMethod path queryStringParameters.user headers.accept
        headers.content-length headers.content-type headers.host headers.user-agent headers.x-amzn-trace-id
        headers.x-forwarded-for headers.x-forwarded-port headers.x-forwarded-proto body isBase64Encoded
    """,
    "sqs": """
        Records[].messageId Records[].receiptHandle Records[].body Records[].attributes.ApproximateReceiveCount
        Records[].attributes.SentTimestamp Records[].attributes.SenderId
        Records[].attributes.ApproximateFirstReceiveTimestamp Records[].messageAttributes Records[].md5OfBody
        Records[].eventSource Records[].eventSourceARN Records[].awsRegion
    """,
    "sns": """
        Records[].EventVersion Records[].EventSubscriptionArn Records[].EventSource Records[].Sns.Type
        Records[].Sns.MessageId Records[].Sns.TopicArn Records[].Sns.Subject Records[].Sns.Message
        Records[].Sns.Timestamp Records[].Sns.SignatureVersion Records[].Sns.Signature
        Records[].Sns.SigningCertUrl Records[].Sns.UnsubscribeUrl Records[].Sns.MessageAttributes
    """,
    "s3": """
        Records[].eventVersion Records[].eventSource Records[].awsRegion Records[].eventTime Records[].eventName
        Records[].userIdentity.principalId Records[].requestParameters.sourceIPAddress
        Records[].responseElements.x-amz-request-id Records[].responseElements.x-amz-id-2
        Records[].s3.s3SchemaVersion Records[].s3.configurationId Records[].s3.bucket.name
        Records[].s3.bucket.ownerIdentity.principalId Records[].s3.bucket.arn Records[].s3.object.key
        Records[].s3.object.size Records[].s3.object.eTag Records[].s3.object.sequencer
    """,
    "eventbridge": """
        version id detail-type source account time region resources detail.name detail.email detail.order
    """,
    "dynamodb": """
        Records[].eventID Records[].eventName Records[].eventVersion Records[].eventSource Records[].awsRegion
        Records[].dynamodb.ApproximateCreationDateTime Records[].dynamodb.Keys.id.S
        Records[].dynamodb.NewImage.id.S Records[].dynamodb.NewImage.name.S Records[].dynamodb.NewImage.email.S
        Records[].dynamodb.SequenceNumber Records[].dynamodb.SizeBytes Records[].dynamodb.StreamViewType
        Records[].eventSourceARN
    """,
    "kinesis": """
        Records[].kinesis.kinesisSchemaVersion Records[].kinesis.partitionKey Records[].kinesis.sequenceNumber
        Records[].kinesis.data Records[].kinesis.approximateArrivalTimestamp Records[].eventSource
        Records[].eventVersion Records[].eventID Records[].eventName Records[].invokeIdentityArn
        Records[].awsRegion Records[].eventSourceARN
    """,
    "cognito-pre-sign-up": """
        version triggerSource region userPoolId userName callerContext.awsSdkVersion callerContext.clientId
        request.userAttributes.email request.userAttributes.phone_number request.validationData
        response.autoConfirmUser response.autoVerifyEmail response.autoVerifyPhone
    """,
    "cognito-post-confirmation": """
        version triggerSource region userPoolId userName callerContext.awsSdkVersion callerContext.clientId
        request.userAttributes.sub request.userAttributes.email request.userAttributes.phone_number
        request.userAttributes.cognito:user_status request.userAttributes.email_verified response
    """,
    "cognito-pre-token-generation": """
        version triggerSource region userPoolId userName callerContext.awsSdkVersion callerContext.clientId
        request.userAttributes.sub request.userAttributes.email request.userAttributes.phone_number
        request.userAttributes.cognito:user_status request.userAttributes.email_verified
        request.groupConfiguration.groupsToOverride request.groupConfiguration.iamRolesToOverride
        request.groupConfiguration.preferredRole response.claimsOverrideDetails
    """,
    "cognito-custom-message": """
        version triggerSource region userPoolId userName callerContext.awsSdkVersion callerContext.clientId
        request.userAttributes.sub request.userAttributes.email request.userAttributes.phone_number
        request.userAttributes.cognito:user_status request.userAttributes.email_verified request.codeParameter
        request.linkParameter request.usernameParameter response.smsMessage response.emailMessage
        response.emailSubject
    """,
    "custom-resource": """
        RequestType ServiceToken ResponseURL StackId RequestId LogicalResourceId ResourceType
        ResourceProperties.ServiceToken ResourceProperties.Owner ResourceProperties.Order
    """,
    "step-functions": """
        name email order execution
    """,
}


def paths(value, path=""):
    if isinstance(value, dict) and value:
        for key, part in value.items():
            yield from paths(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        yield from paths(value[0], f"{path}[]")
    else:
        yield path


def payload(name, caller="alice", number=1, **parts):
    return made({"template": name, **parts}, Caller(caller, number))


def leaves(value):
    return dict(bounded_leaves(value)[0])


@pytest.mark.parametrize("name", NAMES)
def test_an_event_has_the_keys_of_aws_s_page(name):
    assert sorted(paths(payload(name))) == sorted(SHAPES[name].split())


@pytest.mark.parametrize("name", NAMES)
def test_every_template_says_which_page_of_aws_it_follows(name):
    assert TEMPLATES[name].source.startswith("https://docs.aws.amazon.com/")


@pytest.mark.parametrize("name", NAMES)
def test_callers_differ_in_values_that_can_be_recognised(name):
    alice, bob = payload(name), payload(name, "bob", 2)
    assert leaves(alice).keys() == leaves(bob).keys()
    own = {marker.text for marker in markers_of(alice)} - {marker.text for marker in markers_of(bob)}
    assert any("alice" in text for text in own)
    assert len(own) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_a_caller_s_event_is_the_same_wherever_it_is_made(name):
    assert json.dumps(payload(name)) == json.dumps(payload(name))


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("cognito-")])
def test_a_caller_s_next_request_has_ids_of_its_own_and_the_same_caller(name):
    first, second = json.dumps(payload(name, number=1)), json.dumps(payload(name, number=2))
    assert first != second
    assert "alice" in second


@pytest.mark.parametrize("name", ["山田", "A B@c", "-", "x" * 64])
@pytest.mark.parametrize("template", NAMES)
def test_a_caller_may_have_any_name(template, name):
    assert json.dumps(payload(template, name), ensure_ascii=False).isascii()


def test_the_schema_lists_every_template_with_its_parts():
    listed = {each["properties"]["template"]["const"]: each for each in event_schema()["oneOf"]}
    assert tuple(listed) == NAMES
    for name, schema in listed.items():
        assert set(schema["properties"]) == {"template", *TEMPLATES[name].parts.model_fields}
        assert TEMPLATES[name].source in schema["description"]
    assert "$ref" not in json.dumps(listed)
