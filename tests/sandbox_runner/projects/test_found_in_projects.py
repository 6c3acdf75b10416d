"""What is found in a project without a template: the handler among other functions, and what is to be installed."""

import json

import pytest

from sandbox_runner.messages import render
from sandbox_runner.projects.project import open_function, read_project
from tests.sandbox_runner.bundles.test_bundle import zipped

HANDLER = "def post(event, context):\n    return 1\n"


def opened(files):
    bundle = zipped(files)
    found = open_function(bundle, read_project(bundle).function())
    return found.function, [render(each) for each in found.said]


@pytest.mark.parametrize(
    ("files", "handler"),
    [
        ({"setup.py": "def find():\n    pass\n\n\nfind()\n", "app/sns.py": HANDLER}, "app/sns.post"),
        (
            {
                "package.json": "{}",
                "src/libs/resolver.ts": "export const handlerPath = (context: string) => context;\n",
                "src/functions/get/handler.ts": (
                    "import wrap from './w';\nconst get = async () => 1;\nexport const main = wrap(get);\n"
                ),
            },
            "src/functions/get/handler.main",
        ),
        ({"a.py": "def on_handler_ready(x):\n    pass\n", "lib/b.py": HANDLER}, "lib/b.post"),
    ],
    ids=["beside a build's script", "named by the Serverless Framework's template", "beside helpers of handlers"],
)
def test_the_handler_is_what_takes_an_event_or_is_called_as_one(files, handler):
    assert opened(files)[0]["handler"] == handler


def test_what_says_which_packages_are_needed_is_among_the_files_however_many_there_are():
    many = {f"src/part{number}.ts": "export const x = 1;\n" for number in range(60)}
    index = {"index.ts": "export const handler = async () => 1;\n"}
    tests = {f"tests/t{number}.ts": "export const x = 1;\n" for number in range(20)}
    function, _ = opened({**many, **tests, **index, "package.json": '{"dependencies": {"uuid": "^9"}}'})

    assert {"package.json", "index.ts"} <= function["files"].keys()
    assert not any(path.startswith("tests/") for path in function["files"])


PROJECT = """
[project]
name = "shop"
dependencies = ["pydantic>=2.12.0", "powertools[tracer]"]
[dependency-groups]
dev = ["pytest"]
"""
POETRY = """
[tool.poetry.dependencies]
python = "^3.12"
requests = "^2.31.0"
httpx = {version = "~0.27", extras = ["http2"]}
own = {path = "../own"}
boto3 = "*"
old = "^0.3.1"
exact = "1.2.3"
"""
PIPFILE = '[packages]\n"aws-lambda-powertools[tracer]" = "*"\nrequests = "==2.31.0"\n[dev-packages]\npytest = "*"\n'


@pytest.mark.parametrize(
    ("name", "text", "manifest"),
    [
        ("pyproject.toml", PROJECT, "pydantic>=2.12.0\npowertools[tracer]\n"),
        (
            "pyproject.toml",
            POETRY,
            "requests>=2.31.0,<3\nhttpx[http2]>=0.27,<0.28\nboto3\nold>=0.3.1,<0.4\nexact==1.2.3\n",
        ),
        ("Pipfile", PIPFILE, "aws-lambda-powertools[tracer]\nrequests==2.31.0\n"),
    ],
    ids=["a project", "a project of Poetry's", "a Pipfile"],
)
def test_packages_that_a_project_names_elsewhere_are_installed_and_it_is_told(name, text, manifest):
    function, said = opened({"app.py": "def handler(event, context):\n    return 1\n", name: text})

    assert function["files"]["requirements.txt"] == manifest
    assert f"requirements.txt is made of what {name} asks for." in said


def test_a_project_with_as_many_files_as_are_shown_has_room_for_it():
    many = {f"part{number}.py": "x = 1\n" for number in range(60)}
    bundle = zipped({**many, "app.py": "def handler(event, context):\n    return 1\n", "Pipfile": PIPFILE})
    scenario = open_function(bundle, read_project(bundle).function()).scenario()

    assert {"app.py", "requirements.txt"} <= scenario.function.files.keys()


def opened_for(runtime, package):
    template = f"service: x\nprovider: {{name: aws, runtime: {runtime}}}\nfunctions: {{f: {{handler: app.handler}}}}\n"
    code = "const { S3 } = require('aws-sdk/clients/s3');\nexports.handler = async () => 1;\n"
    bundle = zipped({"serverless.yml": template, "app.js": code, "package.json": package, "package-lock.json": "{}"})
    return open_function(bundle, read_project(bundle).functions[0])


def test_the_sdk_that_a_function_s_own_runtime_had_is_added_where_another_one_plays_it():
    opened = opened_for("nodejs14.x", '{"dependencies": {"uuid": "8"}, "devDependencies": {"jest": "28"}}')
    files = opened.function["files"]

    assert json.loads(files["package.json"])["dependencies"] == {"uuid": "8", "aws-sdk": "*"}
    assert "package-lock.json" not in files
    told = "aws-sdk is added to package.json: nodejs14.x included it, and what it is played on does not."
    assert told in [render(each) for each in opened.said]


def test_the_sdk_that_every_runtime_once_had_is_added_where_nothing_says_which_runtime_the_code_has():
    function, said = opened({"index.js": "const AWS = require('aws-sdk');\nexports.handler = async () => 1;\n"})

    assert json.loads(function["files"]["package.json"])["dependencies"] == {"aws-sdk": "*"}
    assert said == ["aws-sdk is added to package.json: nodejs16.x included it, and what it is played on does not."]


@pytest.mark.parametrize(
    ("runtime", "package"),
    [("nodejs22.x", "{}"), ("nodejs18.x", "{}"), ("nodejs14.x", '{"dependencies": {"aws-sdk": "2"}}')],
    ids=["a runtime that is here", "one that had none either", "one that is asked for"],
)
def test_otherwise_a_function_s_manifest_is_its_own(runtime, package):
    assert opened_for(runtime, package).function["files"]["package.json"] == package


def test_a_requirements_txt_that_asks_for_packages_is_left_as_it_is():
    files = {"app.py": "def handler(event, context):\n    return 1\n", "requirements.txt": "six\n", "Pipfile": PIPFILE}
    assert opened(files)[0]["files"]["requirements.txt"] == "six\n"


@pytest.mark.parametrize(
    "text", ["", "[", "[project]\ndependencies = 3\n", '[project]\ndependencies = ["a @ git+x"]\n']
)
def test_a_project_that_names_none_that_can_be_installed_gets_no_manifest(text):
    files = {"app.py": "def handler(event, context):\n    return 1\n", "pyproject.toml": text}
    assert "requirements.txt" not in opened(files)[0]["files"]
