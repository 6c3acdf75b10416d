"""AWS's SDK for JavaScript, the clients of it that are used most, each at one version; pure.

AWS's runtimes have all of them, and do not publish at which versions. What these need in turn is pinned by
``node_sdk.lock.json`` of the image's builder.
"""

from __future__ import annotations

from typing import Final

PACKAGES: Final = (
    "@aws-sdk/client-api-gateway@3.1142.0",
    "@aws-sdk/client-apigatewaymanagementapi@3.1169.0",
    "@aws-sdk/client-appconfigdata@3.1169.0",
    "@aws-sdk/client-athena@3.1164.0",
    "@aws-sdk/client-bedrock-agent-runtime@3.1164.0",
    "@aws-sdk/client-bedrock-runtime@3.1164.0",
    "@aws-sdk/client-cloudformation@3.1169.0",
    "@aws-sdk/client-cloudfront@3.1164.0",
    "@aws-sdk/client-cloudwatch@3.1164.0",
    "@aws-sdk/client-cloudwatch-logs@3.1169.0",
    "@aws-sdk/client-cognito-identity@3.1164.0",
    "@aws-sdk/client-cognito-identity-provider@3.1169.0",
    "@aws-sdk/client-comprehend@3.1138.0",
    "@aws-sdk/client-dynamodb@3.1169.0",
    "@aws-sdk/client-dynamodb-streams@3.1141.0",
    "@aws-sdk/client-ec2@3.1169.0",
    "@aws-sdk/client-ecr@3.1169.0",
    "@aws-sdk/client-ecs@3.1164.0",
    "@aws-sdk/client-eventbridge@3.1169.0",
    "@aws-sdk/client-firehose@3.1169.0",
    "@aws-sdk/client-iam@3.1169.0",
    "@aws-sdk/client-iot-data-plane@3.1138.0",
    "@aws-sdk/client-kinesis@3.1143.0",
    "@aws-sdk/client-kms@3.1164.0",
    "@aws-sdk/client-lambda@3.1164.0",
    "@aws-sdk/client-polly@3.1142.0",
    "@aws-sdk/client-rds-data@3.1143.0",
    "@aws-sdk/client-rekognition@3.1142.0",
    "@aws-sdk/client-route-53@3.1169.0",
    "@aws-sdk/client-s3@3.1175.0",
    "@aws-sdk/client-scheduler@3.1169.0",
    "@aws-sdk/client-secrets-manager@3.1164.0",
    "@aws-sdk/client-ses@3.1169.0",
    "@aws-sdk/client-sesv2@3.1176.0",
    "@aws-sdk/client-sfn@3.1164.0",
    "@aws-sdk/client-sns@3.1169.0",
    "@aws-sdk/client-sqs@3.1175.0",
    "@aws-sdk/client-ssm@3.1169.0",
    "@aws-sdk/client-sts@3.1177.0",
    "@aws-sdk/client-textract@3.1169.0",
    "@aws-sdk/client-transcribe@3.1141.0",
    "@aws-sdk/client-translate@3.1141.0",
    "@aws-sdk/client-xray@3.1169.0",
    "@aws-sdk/cloudfront-signer@3.1166.0",
    "@aws-sdk/credential-providers@3.1175.0",
    "@aws-sdk/lib-dynamodb@3.1169.0",
    "@aws-sdk/lib-storage@3.1175.0",
    "@aws-sdk/rds-signer@3.1175.0",
    "@aws-sdk/s3-presigned-post@3.1164.0",
    "@aws-sdk/s3-request-presigner@3.1169.0",
    "@aws-sdk/util-dynamodb@3.996.9",
)
