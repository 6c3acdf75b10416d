"""Functions with the packages that people have: what each asks for, its code, and a payload that it answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.builders import a_function, invoke

REST = {
    "resource": "/hello",
    "path": "/hello",
    "httpMethod": "GET",
    "headers": {},
    "multiValueHeaders": {},
    "queryStringParameters": None,
    "multiValueQueryStringParameters": None,
    "requestContext": {"requestId": "r", "stage": "p", "identity": {"sourceIp": "1.2.3.4"}},
    "body": None,
    "isBase64Encoded": False,
}
HTTP = {
    "version": "2.0",
    "rawPath": "/",
    "rawQueryString": "",
    "headers": {"host": "x"},
    "requestContext": {"http": {"method": "GET", "path": "/", "sourceIp": "1.2.3.4"}},
    "isBase64Encoded": False,
}


@dataclass(frozen=True)
class Popular:
    """One function: ``ranges`` are what it asks for, by the package's name."""

    what: str
    code: str
    ranges: dict[str, str]
    file: str = "app.py"
    runtime: str = "python3.13"
    payload: dict[str, Any] = field(default_factory=dict)

    @property
    def function(self):
        """As a scenario has it."""
        if self.file.endswith(".py"):
            asked = {"requirements.txt": "".join(f"{name}{self.ranges[name]}\n" for name in self.ranges)}
        else:
            asked = {"package.json": json.dumps({"dependencies": self.ranges})}
        handler = f"{self.file.rpartition('.')[0]}.handler"
        files = {self.file: self.code, **asked}
        return a_function(
            runtime=self.runtime, handler=handler, files=files, dependencies="auto", memory_mb=512, timeout_s=20
        )

    @property
    def data(self):
        """A scenario in which it is asked once."""
        return {"version": 2, "function": self.function, "steps": [invoke(self.payload)]}


PYTHON = (
    Popular(
        "requests",
        "import requests\n\ndef handler(e, c):\n    return requests.Request('GET', 'http://x/').prepare().url\n",
        {"requests": ""},
    ),
    Popular(
        "pydantic",
        "import pydantic\n\nclass M(pydantic.BaseModel):\n    a: int\n\ndef handler(e, c):\n    return M(a='3').a\n",
        {"pydantic": ""},
    ),
    Popular(
        "pandas",
        "import pandas\n\ndef handler(e, c):\n    return int(pandas.Series([1, 2]).sum())\n",
        {"pandas": ""},
    ),
    Popular(
        "Powertools for Python",
        "from aws_lambda_powertools import event_handler\n\napp = event_handler.APIGatewayRestResolver()\n\n"
        "@app.get('/hello')\ndef hello():\n    return {'a': 1}\n\n"
        "def handler(e, c):\n    return app.resolve(e, c)['body']\n",
        {"aws-lambda-powertools": ""},
        payload=REST,
    ),
    Popular(
        "Mangum with FastAPI",
        "from fastapi import FastAPI\nfrom mangum import Mangum\n\napp = FastAPI()\n\n@app.get('/')\ndef root():\n"
        "    return {'a': 1}\n\nhandler = Mangum(app, lifespan='off')\n",
        {"fastapi": "", "mangum": ""},
        payload=HTTP,
    ),
)
NODE = (
    Popular(
        "axios",
        "const axios = require('axios');\nexports.handler = async () => axios.getUri({ url: '/a' });\n",
        {"axios": "*"},
        file="index.js",
        runtime="nodejs22.x",
    ),
    Popular(
        "Powertools for TypeScript",
        "import { Logger } from '@aws-lambda-powertools/logger';\n\nconst logger: Logger = new Logger();\n"
        "export const handler = async (): Promise<string> => {\n  logger.info('hi');\n  return 'done';\n};\n",
        {"@aws-lambda-powertools/logger": "*"},
        file="index.ts",
        runtime="nodejs22.x",
    ),
    Popular(
        "middy",
        "import middy from '@middy/core';\n\nexport const handler = middy(async () => 'done');\n",
        {"@middy/core": "*"},
        file="index.mjs",
        runtime="nodejs22.x",
    ),
    Popular(
        "express with serverless-http",
        "const app = require('express')();\napp.get('/', (_, answer) => answer.json({ a: 1 }));\n"
        "exports.handler = require('serverless-http')(app);\n",
        {"express": "^4", "serverless-http": "*"},
        file="index.js",
        runtime="nodejs22.x",
        payload=HTTP,
    ),
)
