"""What is said of code that did not load. The answers are those of AWS's clients, as a sandbox gave them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.events.records import InitFailed, Metrics, PlatformInitReport
from sandbox_runner.messages import render_all
from sandbox_runner.results.model import Verdict
from sandbox_runner.runtimes import registry
from tests.sandbox_runner.verdict.built_runs import BuiltRun

PY = {"runtime": "python3.13"}
JS = {"runtime": "nodejs22.x"}
HANDLER = "def handler(event, context):\n    return 1\n"
EXPORTS = "export const handler = async () => 1;\n"
ADD = "If it is in the package `{}`, add that to {}; otherwise add the module as a file."
MODULE = (
    "index.js has the syntax of ES modules and is loaded as CommonJS: give it the ending .mjs, or write "
    '`"type": "module"` into package.json. If a bundler builds it for AWS, '
    "name that bundler in package.json, or play what it makes."
)
MEND = "Correct the syntax and run it again."
UNSET = "The environment variable {} is not set. Lambda gives a function those of its configuration: set it there."
OUTSIDE = "The error comes from code outside the handler, which runs while the function loads."

# A function, its client's error type, message and trace, and what is said after "Your code failed to load: ".
FAILURES = {
    "no program": (
        {"runtime": "provided.al2023", "files": {"main": "x"}},
        ("Runtime.InvalidEntrypoint", "RequestId: 1 Error: Couldn't find valid bootstrap(s): [/opt/bootstrap]"),
        (
            "Couldn't find valid bootstrap(s): [/opt/bootstrap]. The runtime is a program of your own: put it into "
            "a file named bootstrap at the top of the code or of a layer. The function has main."
        ),
    ),
    "a package": (
        PY | {"files": {"app.py": "import json\n# import boto3x\nimport boto3x\n" + HANDLER}},
        ("Runtime.ImportModuleError", "Unable to import module 'app': No module named 'boto3x'"),
        (
            "No module named 'boto3x' (app.py, line 3: `import boto3x`). Did you mean `boto3`? "
            f"{ADD.format('boto3x', 'requirements.txt')}"
        ),
    ),
    "a module of the runtime's": (
        PY | {"files": {"app.py": "import jsom\n" + HANDLER}},
        ("Runtime.ImportModuleError", "Unable to import module 'app': No module named 'jsom'"),
        (
            "No module named 'jsom' (app.py, line 1: `import jsom`). Did you mean `json`? "
            f"{ADD.format('jsom', 'requirements.txt')}"
        ),
    ),
    "a module whose package is known, and like one of the runtime's": (
        PY | {"files": {"app.py": "import pkg_resources\n" + HANDLER}},
        ("Runtime.ImportModuleError", "Unable to import module 'app': No module named 'pkg_resources'"),
        (
            "No module named 'pkg_resources' (app.py, line 1: `import pkg_resources`). "
            f"{ADD.format('setuptools<81', 'requirements.txt')}"
        ),
    ),
    "a package whose name is somewhat like a module of the runtime's": (
        JS | {"files": {"app.mjs": "import express from 'express';\n" + EXPORTS}},
        ("Error", "Cannot find package 'express' imported from /var/task/app.mjs"),
        (
            "Cannot find package 'express' (app.mjs, line 1: `import express from 'express';`). "
            f"{ADD.format('express', 'package.json')}"
        ),
    ),
    "a package with a short name": (
        JS | {"files": {"app.mjs": "import { WebSocket } from 'ws';\n" + EXPORTS}},
        ("Error", "Cannot find package 'ws' imported from /var/task/app.mjs"),
        (
            "Cannot find package 'ws' (app.mjs, line 1: `import { WebSocket } from 'ws';`). "
            f"{ADD.format('ws', 'package.json')}"
        ),
    ),
    "a package that has another name": (
        PY | {"files": {"app.py": "from kafka import KafkaProducer\n" + HANDLER}},
        ("Runtime.ImportModuleError", "Unable to import module 'app': No module named 'kafka'"),
        (
            "No module named 'kafka' (app.py, line 1: `from kafka import KafkaProducer`). "
            f"{ADD.format('kafka-python', 'requirements.txt')}"
        ),
    ),
    "a module that Python itself had once": (
        PY | {"files": {"app.py": "import distutils.util\n" + HANDLER}},
        ("Runtime.ImportModuleError", "Unable to import module 'app': No module named 'distutils'"),
        (
            "No module named 'distutils' (app.py, line 1: `import distutils.util`). Only the function's own files and "
            "what the runtime includes can be imported; add the module as a file."
        ),
    ),
    "a package that is installed and too old": (
        PY | {"dependencies": "auto", "files": {"app.py": "import six\n" + HANDLER, "requirements.txt": "six"}},
        ("Runtime.ImportModuleError", "Unable to import module 'app': No module named 'six.moves'"),
        (
            "No module named 'six.moves'. The package `six` is installed and does not have it for this runtime. "
            "Ask for another version, or for another package."
        ),
    ),
    "a package that is an ES module": (
        JS | {"handler": "app.handler", "files": {"app.ts": "import fetch from 'node-fetch';\n" + EXPORTS}},
        (
            "Error",
            "require() of ES Module /var/task/node_modules/node-fetch/x.js from /var/task/app.js not supported.",
        ),
        (
            "Error: require() of ES Module /var/task/node_modules/node-fetch/x.js from /var/task/app.js not "
            "supported (app.ts, line 1: `import fetch from 'node-fetch';`). `node-fetch` is an ES module, which this "
            "runtime does not load by `require`. Write the file as a module too (ending .mts or .mjs), load it by "
            "`await import()`, or ask for an older version."
        ),
    ),
    "syntax of modules in what is loaded as none": (
        JS
        | {"handler": "index.handler", "files": {"index.js": "import db from './db';\n" + EXPORTS, "db.js": EXPORTS}},
        ("Runtime.UserCodeSyntaxError", "SyntaxError: Cannot use import statement outside a module"),
        f"Cannot use import statement outside a module. {MODULE}",
    ),
    "an export of modules in what is loaded as none": (
        JS | {"handler": "index.handler", "files": {"index.js": EXPORTS}},
        ("Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token 'export'"),
        f"Unexpected token 'export'. {MODULE}",
    ),
    "a package that nothing is like": (
        PY | {"files": {"app.py": "import pandas\n" + HANDLER}},
        ("Runtime.ImportModuleError", "Unable to import module 'app': No module named 'pandas'"),
        f"No module named 'pandas' (app.py, line 1: `import pandas`). {ADD.format('pandas', 'requirements.txt')}",
    ),
    "a client of the SDK": (
        JS | {"files": {"app.mjs": "import { S3 } from '@aws-sdk/client-s33';\n" + EXPORTS}},
        ("Error", "Cannot find package '@aws-sdk/client-s33' imported from /var/task/app.mjs"),
        (
            "Cannot find package '@aws-sdk/client-s33' (app.mjs, line 1: `import { S3 } from '@aws-sdk/client-s33';`). "
            f"Did you mean `@aws-sdk/client-s3`? {ADD.format('@aws-sdk/client-s33', 'package.json')}"
        ),
    ),
    "a mistake in TypeScript": (
        {
            "runtime": "nodejs22.x",
            "handler": "index.handler",
            "files": {"index.ts": "import './s';\n" + EXPORTS, "s.ts": "let a: string;\nlet ü = ;\n"},
        },
        ("Runtime.UserCodeSyntaxError", 'SyntaxError: s.ts:2:9: Unexpected ";"'),
        f'Unexpected ";" (s.ts, line 2, column 9: `let ü = ;`). {MEND}',
    ),
    "TypeScript that takes too much": (
        {"runtime": "nodejs22.x", "handler": "index.handler", "files": {"index.ts": EXPORTS}},
        ("Runtime.UserCodeSyntaxError", "SyntaxError: index.ts: esbuild ended with this file"),
        f"index.ts: esbuild ended with this file. {MEND}",
    ),
    "TypeScript as JavaScript": (
        JS | {"files": {"app.mjs": "let a: string = '';\n" + EXPORTS}},
        ("Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token ':'"),
        (
            "Unexpected token ':' (app.mjs, line 1, column 5: `let a: string = '';`). app.mjs looks like TypeScript, "
            "and its runtime loads JavaScript: choose another runtime, file name and handler."
        ),
    ),
    "a place that is none": (
        {"runtime": "nodejs22.x", "handler": "index.handler", "files": {"index.ts": EXPORTS}},
        ("Runtime.UserCodeSyntaxError", "SyntaxError: index.ts:99999:1: Unexpected end of file"),
        f"Unexpected end of file. {MEND}",
    ),
    "a sibling": (
        PY | {"files": {"app.py": "from helpers import f\n" + HANDLER, "helper.py": "def f(): pass\n"}},
        ("Runtime.ImportModuleError", "Unable to import module 'app': No module named 'helpers'"),
        "No module named 'helpers' (app.py, line 1: `from helpers import f`). Did you mean `helper`?",
    ),
    "a name of a sibling": (
        PY | {"files": {"app.py": "from helper import g\n" + HANDLER, "helper.py": "def f(): pass\n"}},
        (
            "Runtime.ImportModuleError",
            "Unable to import module 'app': cannot import name 'g' from 'helper' (/var/task/helper.py)",
        ),
        "cannot import name 'g' from 'helper' (app.py, line 1: `from helper import g`). helper.py has: f.",
    ),
    "a file": (
        PY | {"handler": "index.handler", "files": {"app.py": HANDLER}},
        ("Runtime.ImportModuleError", "Unable to import module 'index': No module named 'index'"),
        (
            "No module named 'index'. The handler would be in index.py; the function has app.py. "
            "Rename the file, or name it in the handler."
        ),
    ),
    "a handler": (
        PY | {"files": {"app.py": HANDLER.replace("handler", "lambda_handler")}},
        ("Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        (
            "Handler 'handler' missing on module 'app' (app.py). "
            "Set the handler to one that app.py has: app.lambda_handler."
        ),
    ),
    "a handler where there is none": (
        PY | {"files": {"app.py": "x = 1\n"}},
        ("Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        (
            "Handler 'handler' missing on module 'app' (app.py). "
            "app.py has no function that could be the handler; write one."
        ),
    ),
    "a handler that calls back": (
        JS
        | {
            "runtime": "nodejs24.x",
            "files": {"app.mjs": "export const handler = (e, c, callback) => callback(null, 1);"},
        },
        ("Runtime.CallbackHandlerDeprecated", "ERROR: AWS Lambda has removed support for callback-based handlers"),
        (
            "ERROR: AWS Lambda has removed support for callback-based handlers (app.mjs). Choose nodejs22.x, the "
            "newest runtime here that takes a callback, or write the handler as an async function that returns its "
            "answer."
        ),
    ),
    "a handler of one word": (
        PY | {"handler": "nonsense", "files": {"app.py": HANDLER}},
        ("Runtime.MalformedHandlerName", "Bad handler 'nonsense': not enough values to unpack (expected 2, got 1)"),
        (
            "Bad handler 'nonsense': not enough values to unpack (expected 2, got 1). "
            "Write the handler as file and function, such as `app.handler`."
        ),
    ),
    "Python's syntax": (
        PY | {"files": {"app.py": HANDLER.replace(":", "")}},
        (
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'app': expected ':' (app.py, line 1)",
            ['  File "/var/task/app.py" Line 1\n    def handler(event, context)\n'],
        ),
        f"expected ':' (app.py, line 1, column 28: `def handler(event, context)`). {MEND}",
    ),
    "JavaScript in a file of Python": (
        PY | {"files": {"app.py": EXPORTS}},
        (
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'app': invalid syntax (app.py, line 1)",
            ['  File "/var/task/app.py" Line 1\n    export const handler = async () => 1;\n'],
        ),
        (
            "invalid syntax (app.py, line 1, column 1: `export const handler = async () => 1;`). app.py looks like "
            "JavaScript, and its runtime loads Python: choose another runtime, file name and handler."
        ),
    ),
    "what module code raises": (
        PY | {"files": {"app.py": "from cfg import X\n" + HANDLER, "cfg.py": "import os\nX = os.environ['T']\n"}},
        (
            "KeyError",
            "'T'",
            ['  File "/var/task/app.py", line 1, in <module>\n', '  File "/var/task/cfg.py", line 2, in <module>\n'],
        ),
        (f"KeyError: 'T' (cfg.py, line 2: `X = os.environ['T']`). {UNSET.format('T')}"),
    ),
    "a key that is no variable's": (
        PY | {"files": {"app.py": "X = {}['T']\n" + HANDLER}},
        ("KeyError", "'T'", ['  File "/var/task/app.py", line 1, in <module>\n']),
        f"KeyError: 'T' (app.py, line 1: `X = {{}}['T']`). {OUTSIDE}",
    ),
    "a default that was forgotten": (
        PY | {"files": {"app.py": "import os\nX = int(os.environ.get('T'))\n" + HANDLER}},
        ("TypeError", "int() argument must be a string", ['  File "/var/task/app.py", line 2, in <module>\n']),
        (
            "TypeError: int() argument must be a string (app.py, line 2: `X = int(os.environ.get('T'))`). "
            f"{UNSET.format('T')}"
        ),
    ),
    "a variable whose value a template takes from elsewhere": (
        JS
        | {"files": {"app.mjs": "const x = connect(process.env.DB);\n" + EXPORTS}}
        | {"environment": {"SIZE": "1", "DB": "${env:DB}"}},
        ("MongoParseError", "Invalid scheme"),
        f"MongoParseError: Invalid scheme. {UNSET.format('DB')}",
    ),
    "a variable that is set": (
        PY
        | {"files": {"app.py": "import os\nX = int(os.environ.get('SIZE'))\n" + HANDLER}}
        | {"environment": {"SIZE": "x"}},
        ("ValueError", "invalid literal", ['  File "/var/task/app.py", line 2, in <module>\n']),
        f"ValueError: invalid literal (app.py, line 2: `X = int(os.environ.get('SIZE'))`). {OUTSIDE}",
    ),
    "a name that is not there, beside a variable": (
        PY | {"files": {"app.py": "import os\nX = it(os.environ.get('T'))\n" + HANDLER}},
        ("NameError", "name 'it' is not defined", ['  File "/var/task/app.py", line 2, in <module>\n']),
        f"NameError: name 'it' is not defined (app.py, line 2: `X = it(os.environ.get('T'))`). {OUTSIDE}",
    ),
    "what a library makes of a variable, lines later": (
        JS | {"files": {"app.mjs": "const key = process.env.T;\nconst x = new Api(\n  key,\n);\n" + EXPORTS}},
        ("ApiError", "no key given", ["ApiError: …", "    at file:///var/task/app.mjs:2:11"]),
        f"ApiError: no key given (app.mjs, line 2, column 11: `const x = new Api(`). {UNSET.format('T')}",
    ),
    "what JavaScript makes of a variable": (
        JS | {"files": {"app.mjs": "const x = process.env.T.split(',');\n" + EXPORTS}},
        (
            "TypeError",
            "Cannot read properties of undefined (reading 'split')",
            ["TypeError: …", "    at file:///var/task/app.mjs:1:25"],
        ),
        (
            "TypeError: Cannot read properties of undefined (reading 'split') "
            f"(app.mjs, line 1, column 25: `const x = process.env.T.split(',');`). {UNSET.format('T')}"
        ),
    ),
    "a variable that a library names": (
        JS | {"files": {"app.mjs": EXPORTS}},
        ("Error", "The MY_API_KEY environment variable is missing or empty"),
        f"Error: The MY_API_KEY environment variable is missing or empty. {UNSET.format('MY_API_KEY')}",
    ),
    "a variable that has something instead": (
        JS | {"files": {"app.mjs": "const x = f(process.env.T || '');\n" + EXPORTS}},
        ("Error", "no", ["Error: …", "    at file:///var/task/app.mjs:1:11"]),
        f"Error: no (app.mjs, line 1, column 11: `const x = f(process.env.T || '');`). {OUTSIDE}",
    ),
    "a package of Node's": (
        JS | {"files": {"app.mjs": "import x from 'left-pad';\n" + EXPORTS}},
        ("Error", "Cannot find package 'left-pad' imported from /var/task/app.mjs"),
        (
            f"Cannot find package 'left-pad' (app.mjs, line 1: `import x from 'left-pad';`). "
            f"{ADD.format('left-pad', 'package.json')}"
        ),
    ),
    "a required package": (
        JS | {"files": {"app.cjs": "const _ = require('lodash');\nexports.handler = async () => 1;\n"}},
        ("Runtime.ImportModuleError", "Error: Cannot find module 'lodash'\nRequire stack:\n- /var/task/app.cjs"),
        (
            f"Cannot find module 'lodash' (app.cjs, line 1: `const _ = require('lodash');`). "
            f"{ADD.format('lodash', 'package.json')}"
        ),
    ),
    "the SDK that newer runtimes lack": (
        JS | {"files": {"app.cjs": "const AWS = require('aws-sdk');\nexports.handler = async () => 1;\n"}},
        ("Runtime.ImportModuleError", "Error: Cannot find module 'aws-sdk'\nRequire stack:\n- /var/task/app.cjs"),
        (
            "Cannot find module 'aws-sdk' (app.cjs, line 1: `const AWS = require('aws-sdk');`). Runtimes of Lambda "
            "included `aws-sdk` up to nodejs16.x, newer ones do not: add it to package.json."
        ),
    ),
    "what an install script would have made": (
        JS | {"files": {"app.mjs": "import x from 'sharp';\n" + EXPORTS}},
        (
            "Error",
            "Something went wrong\n\nCannot find module '../build/sharp.node'\nRequire stack:\n- /var/task/x",
            [
                "Error: Something went wrong",
                "    at Object.<anonymous> (/var/task/node_modules/sharp/lib/sharp.js:31:9)",
            ],
        ),
        (
            "Something went wrong\n\nCannot find module '../build/sharp.node'. The package `sharp` lacks a "
            "file that its install script would create; scripts of packages do not run here. Use a newer version, or "
            "bring node_modules in a layer."
        ),
    ),
    "a sibling of Node's": (
        JS
        | {"files": {"app.mjs": "import { x } from './helpers.mjs';\n" + EXPORTS, "helper.mjs": "export const x = 1;"}},
        ("Error", "Cannot find module '/var/task/helpers.mjs' imported from /var/task/app.mjs"),
        (
            "Cannot find module '/var/task/helpers.mjs' (app.mjs, line 1: `import { x } from './helpers.mjs';`). "
            "Did you mean `./helper.mjs`?"
        ),
    ),
    "JavaScript's syntax": (
        JS | {"files": {"app.mjs": "export const handler = async () => {\n  return 1; }}\n"}},
        ("Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token '}'"),
        f"Unexpected token '}}' (app.mjs, line 2, column 14: `return 1; }}}}`). {MEND}",
    ),
    "an export": (
        JS | {"files": {"app.mjs": EXPORTS.replace("handler", "main")}},
        ("Runtime.HandlerNotFound", "app.handler is undefined or not exported"),
        "app.handler is undefined or not exported (app.mjs). Set the handler to one that app.mjs has: app.main.",
    ),
    "what a module throws": (
        JS | {"files": {"app.mjs": "const x = null;\nconst y = x.foo;\n" + EXPORTS}},
        (
            "TypeError",
            "Cannot read properties of null (reading 'foo')",
            ["TypeError: …", "    at file:///var/task/app.mjs:2:13", "    at file:///var/task/app.mjs:1:1"],
        ),
        (
            "TypeError: Cannot read properties of null (reading 'foo') "
            f"(app.mjs, line 2, column 13: `const y = x.foo;`). {OUTSIDE}"
        ),
    ),
    "a service that does not answer here": (
        PY | {"files": {"app.py": "import boto3\nTOKEN = boto3.client('ssm').get_parameter(Name='t')\n" + HANDLER}},
        (
            "EndpointConnectionError",
            'Could not connect to the endpoint URL: "https://ssm.us-east-1.amazonaws.com/"',
            ["  File \"/var/task/app.py\", line 2, in <module>\n    TOKEN = boto3.client('ssm')\n"],
        ),
        (
            'EndpointConnectionError: Could not connect to the endpoint URL: "https://ssm.us-east-1.amazonaws.com/" '
            f"(app.py, line 2: `TOKEN = boto3.client('ssm').get_parameter(Name='t')`). {OUTSIDE} "
            "Nothing answers at ssm.us-east-1.amazonaws.com here. "
            "The scenario has no AWS services; write account: {services: auto} at its top."
        ),
    ),
    "a process that ends": (
        PY | {"files": {"app.py": "import sys\nsys.exit(1)\n"}},
        ("Runtime.ExitError", "RequestId: 0b70c5e4 Error: Runtime exited with error: exit status 1"),
        f"Runtime exited with error: exit status 1. {OUTSIDE}",
    ),
}


def judged(function, response):
    run = BuiltRun(({}, "a"), **function)
    return run.answered(1, response, outcome="init-error").judged()


@pytest.mark.parametrize(("function", "failure", "said"), FAILURES.values(), ids=FAILURES)
def test_what_did_not_load_is_said_with_its_place_and_what_to_do(function, failure, said):
    kind, message, trace = (*failure, [])[:3]
    found = judged(function, {"errorType": kind, "errorMessage": message, "stackTrace": trace})

    assert found.verdict == Verdict.UNDETERMINED
    assert render_all(found.messages) == f"Your code failed to load: {said}"


def test_a_timeout_before_it_hides_no_failure_to_load():
    run = BuiltRun(({}, "a"), ({}, "b"), **PY)
    run.answered(1, {"errorType": "Sandbox.Timedout"}, outcome="timeout")
    missing = {
        "errorType": "Runtime.ImportModuleError",
        "errorMessage": "Unable to import module 'app': No module named 'x'",
    }
    (first, _) = run.answered(2, missing, outcome="init-error").judged().messages

    assert first.code == "load-failed"


DECORATED = {
    "index.ts": "@Injectable()\nexport class A {}\n" + EXPORTS,
    "tsconfig.json": '{"compilerOptions": {"experimentalDecorators": true, "emitDecoratorMetadata": true}}',
}


@pytest.mark.parametrize("outcome", ["init-error", "function-error"])
@pytest.mark.parametrize(
    ("files", "message", "is_said"),
    [
        (DECORATED, 'TypeInfo not known for "A"', True),
        (DECORATED, "Cannot read properties of undefined (reading 'find')", True),
        (DECORATED, "connect ECONNREFUSED 127.0.0.1:5432", False),
        (DECORATED | {"index.ts": EXPORTS}, 'TypeInfo not known for "A"', False),
        (DECORATED | {"tsconfig.json": "{}"}, 'TypeInfo not known for "A"', False),
    ],
)
def test_types_that_decorators_do_not_get_are_named_where_the_error_may_come_of_that(files, message, is_said, outcome):
    function = {"runtime": "nodejs22.x", "handler": "index.handler", "files": files}
    answer = {"errorType": "Error", "errorMessage": message}
    run = BuiltRun(({}, "a"), ({}, "b"), **function)
    for index in (1, 2):
        run.answered(index, answer, outcome=outcome)
    run.alone(2, answer, answer, outcome=outcome).walked(0).walked(1)
    said = run.judged().messages

    assert [each.params for each in said if each.code == "types-not-made"] == [{"file": "tsconfig.json"}] * is_said


def slow_to_load(*, second_init):
    """The init phase fails after a while; the request repeats it in its own time, which ends before."""
    run = BuiltRun(({}, "a"), ({}, "b"), **PY)
    message = "Unable to import module 'app': No module named 'x'"
    run.add(InitFailed(said=json.dumps({"errorType": "Runtime.ImportModuleError", "errorMessage": message})), "env-1")
    done = {"initialization_type": "on-demand", "phase": "invoke", "metrics": Metrics(duration_ms=1000)}
    for index in (1, 2):
        run.answered(index, {"errorType": "Sandbox.Timedout"}, outcome="timeout")
        run.add(PlatformInitReport(status=second_init, **done), "env-1")
    return run.judged().messages


def test_timeouts_after_it_hide_no_failure_to_load():
    first, cure = slow_to_load(second_init="timeout")

    assert (first.code, first.params["problem"]) == ("load-failed", "No module named 'x'")
    assert cure.code == "package-missing"


def test_what_loads_at_last_did_not_fail_to_load():
    assert slow_to_load(second_init="success")[0].code == "all-timed-out"


def test_requests_that_time_out_while_the_code_loads_say_nothing_of_the_handler():
    run = BuiltRun(({}, "a"), ({}, "b"), **PY)
    for index in (1, 2):
        run.answered(index, {"errorType": "Sandbox.Timedout"}, outcome="timeout")

    (said,) = run.judged().messages
    assert (said.code, said.params) == ("none-loaded-in-time", {"seconds": 3})


@pytest.mark.parametrize("response", [b"", b"[]", b"{", b'{"errorMessage": 1}', "text"])
def test_an_answer_that_says_nothing_leaves_it_at_that_no_request_ran(response):
    (said,) = judged(PY, response).messages

    assert said.code == "no-request-ran"


@given(
    st.sampled_from([PY, JS]),
    st.sampled_from(["Runtime.UserCodeSyntaxError", "Runtime.HandlerNotFound", "Runtime.ImportModuleError", "Error"]),
    st.text(),
    st.one_of(
        st.text(), st.from_regex(registry.LANGUAGES[0].load_errors.place), st.from_regex(r"/var/task/app.mjs:\d+")
    ),
    st.text(alphabet=st.characters(exclude_categories=["Cs"])),
)
def test_whatever_is_answered_can_be_said(runtime, kind, message, trace, code):
    name = "app" + registry.runtime_of(runtime["runtime"]).language.suffixes[0]
    response = json.dumps({"errorType": kind, "errorMessage": message, "trace": [trace]})

    assert render_all(judged(runtime | {"files": {name: code}}, response.encode()).messages)
