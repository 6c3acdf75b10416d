"""What people paste, and what is no code."""

PYTHON, NODE, TYPESCRIPT = "Python", "JavaScript", "TypeScript"

# The code, its language, the ending that its file needs, and its handler.
PASTED = {
    "the console's Python": (
        """\
import json

def lambda_handler(event, context):
    # the answer
    return {"statusCode": 200}
""",
        (PYTHON, ".py", "lambda_handler"),
    ),
    "the console's JavaScript": (
        """\
export const handler = async (event) => {
  // the answer
  const response = {
    statusCode: 200,
    body: JSON.stringify('Hello from Lambda!'),
  };
  return response;
};
""",
        (NODE, ".mjs", "handler"),
    ),
    "SAM's Python": (
        '''\
import json

# import requests


def lambda_handler(event, context):
    """Sample pure Lambda function

    Parameters
    ----------
    event: dict, required
        API Gateway Lambda Proxy Input Format
    """

    return {
        "statusCode": 200,
        "body": json.dumps({
            "message": "hello world",
        }),
    }
''',
        (PYTHON, ".py", "lambda_handler"),
    ),
    "SAM's JavaScript": (
        """\
/**
 *
 * Event doc: https://docs.aws.amazon.com/
 * @param {Object} event - API Gateway
 */

export const lambdaHandler = async (event, context) => {
    const response = {
      statusCode: 200,
      body: JSON.stringify({
        message: 'hello world',
      })
    };

    return response;
  };
""",
        (NODE, ".mjs", "lambdaHandler"),
    ),
    "SAM's TypeScript": (
        """\
import { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';

export const lambdaHandler = async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
    try {
        return {
            statusCode: 200,
        };
    } catch (err) {
        console.log(err);
    }
};
""",
        (TYPESCRIPT, ".ts", "lambdaHandler"),
    ),
    "CommonJS by exports": (
        """\
const AWS = require('aws-sdk');
let count = 0;
exports.handler = async function (event, context) {
  return ++count;
};
""",
        (NODE, ".cjs", "handler"),
    ),
    "CommonJS by module.exports.handler": (
        """\
"use strict";

module.exports.hello = async (event) => ({ statusCode: 200 });
module.exports.handler = (event, context, callback) => callback(null, 1);
""",
        (NODE, ".cjs", "handler"),
    ),
    "CommonJS by one object": (
        """\
const helper = require('./helper');
function run(event) { return helper(event); }
module.exports = { version: '1', handler: run };
""",
        (NODE, ".cjs", "handler"),
    ),
    "the Serverless Framework's": (
        """\
'use strict';
module.exports.hello = async (event) => {
  return { statusCode: 200 };
};
""",
        (NODE, ".cjs", "hello"),
    ),
    "a bundle of esbuild's": (
        """\
var handler = async () => 1;
var __toCommonJS = (mod) => mod;
module.exports = __toCommonJS({});
0 && (module.exports = {
  handler
});
""",
        (NODE, ".cjs", "handler"),
    ),
    "an exported function": (
        """\
import { readFile } from 'node:fs/promises';
export async function handler(event) {
  return 1;
}
""",
        (NODE, ".mjs", "handler"),
    ),
    "a default export": (
        """\
import middy from '@middy/core';
export default async function (event) {
  return event;
}
""",
        (NODE, ".mjs", "default"),
    ),
    "an alias in an export list": (
        """\
async function main(event) { return 1; }
export { main as handler };
""",
        (NODE, ".mjs", "handler"),
    ),
    "a wrapped handler": (
        """\
import middy from '@middy/core';
const base = async (event) => event;
export const handler = middy(base).use(cors());
""",
        (NODE, ".mjs", "handler"),
    ),
    "an alias in Python": (
        """\
from mangum import Mangum
from fastapi import FastAPI

app = FastAPI()

@app.get('/')
def read():
    return {}

handler = Mangum(app)
""",
        (PYTHON, ".py", "handler"),
    ),
    "Powertools": (
        """\
from aws_lambda_powertools import Logger
logger = Logger()

@logger.inject_lambda_context
def lambda_handler(event: dict, context: LambdaContext) -> dict:
    return {}
""",
        (PYTHON, ".py", "lambda_handler"),
    ),
    "a handler of another name": (
        """\
import boto3

def helper(a):
    return a

def process_orders(event, context):
    return helper(event)
""",
        (PYTHON, ".py", "process_orders"),
    ),
    "Python whose comment is JavaScript": (
        """\
# const x = require('fs'); exports.handler = async (event) => {};
def handler(event, context):
    return 1
""",
        (PYTHON, ".py", "handler"),
    ),
    "JavaScript whose comment is Python": (
        """\
// import os
// def lambda_handler(event, context):
//     return None
/*
def f():
    pass
*/
export const handler = async () => null;
""",
        (NODE, ".mjs", "handler"),
    ),
    "Python whose text is JavaScript": (
        '''\
PAGE = """
<script>
const handler = async (event) => { return await fetch("/x"); };
export default handler;
</script>
"""

def handler(event, context):
    return PAGE
''',
        (PYTHON, ".py", "handler"),
    ),
    "JavaScript whose text is Python": (
        """\
const code = `
import os
def handler(event, context):
    print(event)
`;
exports.handler = async () => code;
""",
        (NODE, ".cjs", "handler"),
    ),
    "keywords of both": (
        """\
import asyncio

async def fetch(function, const, let):
    for var in function:
        await const(var)
    return let

def handler(event, context):
    return asyncio.run(fetch([], None, 1))
""",
        (PYTHON, ".py", "handler"),
    ),
    "JavaScript with names of Python": (
        """\
const def = 1, None = null, self = {}, elif = 2;
export const handler = async (event) => {
  const lambda = (print) => print;
  return lambda(def ? { a: b, c: D } : self);
};
""",
        (NODE, ".mjs", "handler"),
    ),
    "Python with a mistake in it": (
        """\
import json

def lambda_handler(event, context)
    return json.dumps(event)

class A:
    pass
""",
        (PYTHON, ".py", "lambda_handler"),
    ),
    "TypeScript by its declarations": (
        """\
import type { Handler } from "aws-lambda";
interface Order { id: string; total: number }
export const handler: Handler<Order> = async (event) => event.id;
""",
        (TYPESCRIPT, ".ts", "handler"),
    ),
    "TypeScript of CommonJS": (
        """\
const cache = new Map<string, number>();
export async function main(event: any) {
  return cache.get(event.id as string);
}
""",
        (TYPESCRIPT, ".ts", "main"),
    ),
}

NO_CODE = {
    "nothing": "",
    "blanks": " \n\t\n",
    "prose": "Please play this for me, and say what it holds over from one request to the next.",
    "an event": '{"queryStringParameters": {"message": "hoge"}, "import": "export const handler = 1"}',
    "what both understand": """\
x = 1
y = f(x)
""",
    "a template": """\
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
""",
    "a page": """\
<!doctype html>
<html><body><p>def handler(event, context):</p></body></html>""",
}
