"""SAM templates and serverless.yml: which functions they have, what is taken, what is told."""

from __future__ import annotations

from datetime import date

import pytest

from sandbox_runner.errors import ScenarioError
from sandbox_runner.messages import render
from sandbox_runner.projects.project import open_function, read_project
from tests.sandbox_runner.bundles.test_bundle import zipped

HANDLER = "def handler(event, context):\n    return 1\n"
SAM = """
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev}
  Secret: {Type: String, NoEcho: true}
  Zones: {Type: CommaDelimitedList, Default: "a, b"}
Globals:
  Function:
    Runtime: python3.13
    Timeout: 20
    Environment: {Variables: {STAGE: !Ref Stage, LEVEL: info}}
Resources:
  Users:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub "users-${Stage}"
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
  Jobs: {Type: AWS::SQS::Queue}
  Front:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: front/
      Handler: app.handler
      MemorySize: 512
      Policies: [AWSLambdaBasicExecutionRole]
      Environment:
        Variables:
          LEVEL: debug
          TABLE: !Ref Users
          TABLE_ARN: !GetAtt Users.Arn
          QUEUE: !Ref Jobs
          WHERE: !Sub "https://${AWS::Region}.example/${Stage}/${!kept}"
          LIST: !Join [",", [a, !Ref Stage]]
          ZONES: !Join ["-", !Ref Zones]
          KEY: !Ref Secret
          OTHER: !ImportValue other-stack
  Worker:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ./worker, Handler: src/index.handler, Runtime: nodejs22.x, VpcConfig: {SubnetIds: [a]}}
  Inline:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.13, Handler: index.handler, Code: {ZipFile: "def handler(e, c): pass\\n"}}
"""
FILES = {"template.yaml": SAM, "front/app.py": HANDLER, "worker/src/index.mjs": "export const handler = 1\n"}
SERVERLESS = """
service: shop
custom: {table: "users-${self:provider.stage}", other: "${file(other.yml):x}"}
provider:
  name: aws
  runtime: python3.13
  stage: ${opt:stage, 'test'}
  environment: {STAGE: "${self:provider.stage}", HOME_URL: "${ssm:/home}"}
functions:
  front:
    handler: src/app.handler
    memorySize: 256
    environment:
      TABLE: "${self:custom.table}"
      DEPTH: "${env:DEPTH, 3}"
      OTHER: "${self:custom.other}"
      RAW: !Ref Users
    layers: [arn:aws:lambda:us-east-1:1:layer:x:1]
  worker: {handler: src/worker.handler, timeout: 30, image: x}
resources:
  Resources:
    Users:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: users
        KeySchema: [{AttributeName: id, KeyType: HASH}]
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
"""


def opened(files, name=""):
    bundle = zipped(files)
    project = read_project(bundle)
    found = open_function(bundle, project.function(name))
    return found.function, [render(each) for each in (*project.said, *found.said)]


def test_a_sam_template_gives_the_handler_the_settings_and_the_folder_of_the_code():
    function, _ = opened(FILES)

    assert (function["runtime"], function["handler"]) == ("python3.13", "app.handler")
    assert (function["memory_mb"], function["timeout_s"]) == (512, 20)
    assert function["files"] == {"app.py": HANDLER}


def with_cors(written):
    template = SAM.replace("MemorySize: 512\n", f"MemorySize: 512\n      FunctionUrlConfig: {written}\n")
    return opened(FILES | {"template.yaml": template})


def test_a_function_url_has_the_cors_settings_of_the_template():
    function, _ = with_cors("{AuthType: NONE, Cors: {AllowOrigins: [!Sub 'https://${Stage}.example'], MaxAge: 60}}")

    cors = function["url"]["cors"]
    assert (list(cors["allow_origins"]), cors["max_age_s"]) == (["https://dev.example"], 60)


def test_cors_settings_that_lambda_refuses_are_told_and_left_out():
    function, said = with_cors("{Cors: {AllowMethods: [OPTIONS]}}")

    assert "url" not in function
    assert any(each.startswith("Not understood: Front.FunctionUrlConfig.Cors") for each in said), said


def test_what_a_template_says_of_its_variables_is_resolved_and_the_rest_is_told():
    function, said = opened(FILES)

    assert function["environment"] == {
        "STAGE": "dev",
        "LEVEL": "debug",
        "TABLE": "users-dev",
        "TABLE_ARN": "arn:aws:dynamodb:us-east-1:123456789012:table/users-dev",
        "QUEUE": "https://sqs.us-east-1.amazonaws.com/123456789012/Jobs",
        "WHERE": "https://us-east-1.example/dev/${kept}",
        "LIST": "a,dev",
        "ZONES": "a-b",
        "KEY": "!Ref Secret",
        "OTHER": "!ImportValue other-stack",
    }
    assert said == [
        "Front.QUEUE: Jobs has no name in the template; Jobs is used.",
        "Not understood: Front.KEY: the template does not say what !Ref Secret is; that text is used.",
        "Not understood: Front.OTHER: the template does not say what !ImportValue other-stack is; that text is used.",
    ]


def test_the_function_is_chosen_by_its_name():
    function, said = opened(FILES, "Worker")

    assert (function["runtime"], function["handler"]) == ("nodejs22.x", "src/index.handler")
    assert list(function["files"]) == ["src/index.mjs"]
    assert said == ['Not understood: Worker.VpcConfig: {"SubnetIds": ["a"]}']


def test_a_function_that_is_written_in_the_template_has_its_file():
    assert opened(FILES, "Inline")[0]["files"] == {"index.py": "def handler(e, c): pass\n"}


def test_a_function_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(ScenarioError, match="no function Nobody; choose one of Front, Worker, Inline"):
        read_project(zipped(FILES)).function("Nobody")


def test_a_serverless_yml_gives_the_same():
    function, said = opened({"serverless.yml": SERVERLESS, "src/app.py": HANDLER})

    assert (function["runtime"], function["handler"]) == ("python3.13", "src/app.handler")
    assert (function["memory_mb"], function["timeout_s"]) == (256, 6)
    assert function["environment"] == {
        "STAGE": "test",
        "HOME_URL": "${ssm:/home}",
        "TABLE": "users-test",
        "DEPTH": "3",
        "OTHER": "${file(other.yml):x}",
        "RAW": "users",
    }
    assert said == [
        "Not understood: worker is a container image.",
        "Not understood: front.HOME_URL: the template does not say what ${ssm:/home} is; that text is used.",
        "Not understood: front.OTHER: the template does not say what ${file(other.yml):x} is; that text is used.",
        "Not understood: front.layers: arn:aws:lambda:us-east-1:1:layer:x:1",
    ]


def template(properties):
    head = "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Handler: app.handler, "
    return {"template.yaml": head + properties + "}}}", "app.py": HANDLER}


BESIDE = "The code of F should be at {}, which is not here; the handler beside the template is played instead."
CHOSEN = '!If ["A", {"Bucket": "b"}, "."]'
TOLD = {
    "no such language": (
        "Runtime: ruby3.4",
        (
            "Not understood: F.Runtime: nothing here plays ruby3.4; "
            "a zip with a bootstrap for provided.al2023 can be played."
        ),
    ),
    "no runtime": ("Timeout: 3", "Not understood: F.Runtime: nothing here plays a function without a runtime."),
    "an image": ("PackageType: Image", "Not understood: F is a container image."),
    "code in a bucket": (
        "Runtime: python3.13, CodeUri: s3://b/k.zip",
        BESIDE.format("s3://b/k.zip"),
    ),
    "code outside": ("Runtime: python3.13, CodeUri: ../x", BESIDE.format("../x")),
    "code that is not built": ("Runtime: python3.13, CodeUri: out/", BESIDE.format("out")),
    "code of a condition": ("Runtime: python3.13, CodeUri: !If [A, {Bucket: b}, .]", BESIDE.format(CHOSEN)),
    "a layer that is not here": (
        "Runtime: python3.13, Layers: [!Ref L]}}, L: {Type: AWS::Lambda::LayerVersion, Properties: {Content: lib",
        "Not understood: the code of L is not here: lib",
    ),
    "too little memory": (
        "Runtime: python3.13, MemorySize: 1",
        "Not understood: F.MemorySize: 1 is not a number that Lambda accepts; the default is used.",
    ),
    "an unknown function": (
        "Runtime: python3.13, MemorySize: !Wibble 3",
        "Not understood: F.MemorySize: !Wibble 3 is not a number that Lambda accepts; the default is used.",
    ),
    "a timeout that is none": (
        "Runtime: python3.13, Timeout: soon",
        "Not understood: F.Timeout: soon is not a number that Lambda accepts; the default is used.",
    ),
    "a variable of Lambda's": (
        "Runtime: python3.13, Environment: {Variables: {AWS_REGION: x}}",
        "Not understood: F.AWS_REGION: x",
    ),
}


def test_a_variable_that_lambda_does_not_take_is_told_once_whatever_its_value():
    _, said = opened(template("Runtime: python3.13, Environment: {Variables: {A: !Wibble 3}}"))

    assert said == ["Not understood: F.A: !Wibble 3"]


@pytest.mark.parametrize(("properties", "sentence"), TOLD.values(), ids=TOLD.keys())
def test_what_is_not_understood_is_a_sentence_and_the_code_is_still_played(properties, sentence):
    function, said = opened(template(properties))

    assert sentence in said
    assert (function["runtime"], function["files"]["app.py"]) == ("python3.13", HANDLER)


def test_a_release_that_lambda_refuses_becomes_the_one_that_plays_it():
    function, said = opened(template("Runtime: python3.7"))

    assert function["runtime"] == "python3.11"
    assert "F.Runtime: python3.7 is played on python3.11." in said


def test_a_release_is_taken_as_it_is_written_to_the_last_day_on_which_lambda_takes_it():
    project = read_project(zipped(template("Runtime: python3.9")))
    days = [date(2027, 1, 31), date(2027, 2, 1)]
    opened = [open_function(zipped(template("")), project.function(), today=day) for day in days]

    assert [each.function["runtime"] for each in opened] == ["python3.9", "python3.11"]


CUSTOMERS = """
Resources:
  F:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: %s}
    Properties: {Handler: app.handler, Runtime: custom, RuntimeConfig: {RuntimeAlias: prod}}
"""


def test_code_for_a_customers_runtime_is_played_on_the_one_that_it_is_built_for():
    function, said = opened({"template.yaml": CUSTOMERS % "python3.12", "app.py": HANDLER})

    assert function["runtime"] == "python3.12"
    assert "F.Runtime: custom is played on python3.12." in said
    assert any(each.startswith("Not understood: F.RuntimeConfig") for each in said)


@pytest.mark.parametrize("method", ["makefile", "custom", "[python3.12]"])
def test_a_customers_runtime_that_names_no_language_is_told(method):
    _, said = opened({"template.yaml": CUSTOMERS % method, "app.py": HANDLER})

    assert any(each.startswith("Not understood: F.Runtime: nothing here plays custom") for each in said)


def test_a_release_that_lambda_takes_stays_as_it_is_written_and_its_stand_in_is_told():
    function, said = opened(template("Runtime: python3.12"))

    assert function["runtime"] == "python3.12"
    assert "F.Runtime: python3.12 is played on python3.13." in said


NO_TEMPLATES = {
    "no YAML": ("a: [", "template.yaml was not read: it is not YAML (line 2)"),
    "a bomb of aliases": (
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
        "template.yaml was not read: it is too large or too deep.",
    ),
    "an alias of itself": ("a: &a [*a]", "template.yaml was not read: it is too large or too deep."),
    "10,000 levels": ("[" * 10_000, "template.yaml was not read"),
    "a Python object": ("a: !!python/object/apply:os.system [id]", ""),
    "something else": ("- 1\n- 2", ""),
    "names that name each other": (
        (
            "Resources: {A: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref B}},"
            " B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref A}}, F: {Type: AWS::Serverless::Function,"
            " Properties: {Handler: app.handler, Runtime: python3.13, Environment: {Variables: {NAME: !Ref A}}}}}"
        ),
        "B.BucketName: A has no name in the template; holdover-a is used.",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), NO_TEMPLATES.values(), ids=NO_TEMPLATES.keys())
def test_a_template_that_means_harm_or_nothing_comes_to_an_end(text, sentence):
    function, said = opened({"template.yaml": text, "app.py": HANDLER})

    assert function["files"]["app.py"] == HANDLER
    assert sentence in "\n".join(said)


def test_names_that_double_each_other_come_to_an_end():
    names = "".join(
        f" R{n}: {{Type: AWS::S3::Bucket, Properties: {{BucketName: !Sub '${{R{n + 1}}}${{R{n + 1}}}'}}}},\n"
        for n in range(40)
    )
    text = (
        f"Resources: {{\n{names} F: {{Type: AWS::Serverless::Function, Properties: {{Handler: app.handler,"
        " Runtime: python3.13, Environment: {Variables: {NAME: !Ref R0}}}}}"
    )

    function, said = opened({"template.yaml": text, "app.py": HANDLER})

    assert "environment" not in function
    assert "Not understood: F.NAME: !Ref R0" in said


def test_templates_of_several_folders_are_told_apart():
    files = {"one/template.yaml": SAM, "one/front/app.py": HANDLER, "two/serverless.yml": SERVERLESS}

    names = [each.name for each in read_project(zipped(files | {"two/src/app.py": HANDLER})).functions]

    assert names == ["one/Front", "one/Inline", "two/front"]


LAYERED = """
Resources:
  Common:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.13}
    Properties: {ContentUri: layers/common}
  Ready: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layers/ready}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src
      Layers: [!Ref Common, !Ref Ready, "arn:aws:lambda:us-east-1:1:layer:x:1"]
"""
OF_SERVERLESS = """
layers: {common: {path: layers/ready}}
provider: {name: aws, runtime: python3.13}
functions: {F: {handler: app.handler, layers: [{Ref: CommonLambdaLayer}, {Ref: Other}]}}
"""


def test_layers_of_a_template_come_from_its_folders_and_others_are_told():
    files = {"src/app.py": HANDLER, "layers/common/util.py": "x = 1", "layers/ready/python/b.py": "x = 2"}

    function, said = opened(files | {"template.yaml": LAYERED})

    assert [(each["name"], list(each["files"])) for each in function["layers"]] == [
        ("Common", ["python/util.py"]),
        ("Ready", ["python/b.py"]),
    ]
    assert said == ["Not understood: F.Layers: arn:aws:lambda:us-east-1:1:layer:x:1"]

    function, said = opened({"app.py": HANDLER, "layers/ready/python/b.py": "x", "serverless.yml": OF_SERVERLESS})

    assert [(each["name"], list(each["files"])) for each in function["layers"]] == [("common", ["python/b.py"])]
    assert said == ["Not understood: F.layers: !Ref Other"]


ESBUILD = """
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: nodejs22.x, Handler: HANDLER, CodeUri: hello/}
    Metadata: {BuildMethod: esbuild, BuildProperties: {Minify: true, EntryPoints: ENTRIES}}
"""


@pytest.mark.parametrize(
    ("entries", "handler", "found"),
    [
        ("[app.ts]", "app.handler", "app.handler"),
        ("[src/app.ts]", "app.handler", "src/app.handler"),
        ("[./src/app.ts, src/jobs/app.ts]", "jobs/app.handler", "src/jobs/app.handler"),
        ("[src/app.ts]", "src/app.handler", "src/app.handler"),
        ("[src/other.ts]", "app.handler", "app.handler"),
        ("[../app.ts, /app.ts, 7, {a: b}]", "app.handler", "app.handler"),
        ("src/app.ts", "app.handler", "app.handler"),
    ],
)
def test_a_handler_that_esbuild_puts_elsewhere_is_found_where_its_source_is(entries, handler, found):
    files = {
        f"hello/{path}.ts": "export const handler = async () => 1;\n" for path in ("app", "src/app", "src/jobs/app")
    }
    template = ESBUILD.replace("HANDLER", handler).replace("ENTRIES", entries)

    assert opened(files | {"template.yaml": template})[0]["handler"] == found


@pytest.mark.parametrize("uri", ["s3://b/k.zip", "../x", "out/"])
def test_a_function_whose_code_is_nowhere_gives_way_to_the_handler_that_is_found(uri):
    files = template(f"Runtime: python3.13, MemorySize: 256, CodeUri: {uri}")
    function, said = opened({"template.yaml": files["template.yaml"], "main.py": HANDLER})

    assert (function["handler"], "memory_mb" in function) == ("main.handler", False)
    assert said[0].startswith("Not understood: the code of F is not here: ")


def test_code_beside_a_template_that_says_another_place_has_the_templates_settings():
    function, _ = opened(template("Runtime: python3.13, MemorySize: 256, CodeUri: s3://b/k.zip"))

    assert (function["handler"], function["memory_mb"]) == ("app.handler", 256)


BUILT = """
service: x
provider: {name: aws, runtime: nodejs22.x}
functions:
  missing: {handler: dist/jobs/nightly.run}
  app: {handler: dist/src/proxy/index.handler}
"""
CODE = "export const handler = async () => 1;\n"
TOLD = "dist/src/proxy/index.handler is what a build makes; its source src/proxy/index.ts is played."
SETTINGS = '{"extends": "./tsconfig.base.json", "compilerOptions": {"rootDir": "./"}}'
BUILDS = {
    "where the settings say": (
        {"src/proxy/index.ts": CODE, "tsconfig.json": '{"compilerOptions": {"outDir": "./dist", /* */}}'},
        "src/proxy/index.handler",
        [TOLD],
    ),
    "where what they extend says": (
        {
            "src/proxy/index.ts": CODE,
            "tsconfig.json": SETTINGS,
            "tsconfig.base.json": '{"compilerOptions": {"outDir": "dist"}}',
        },
        "src/proxy/index.handler",
        [TOLD],
    ),
    "below the folder that all sources have in common": (
        {"src/src/proxy/index.ts": CODE},
        "src/src/proxy/index.handler",
        [TOLD.replace("src/proxy/index.ts", "src/src/proxy/index.ts")],
    ),
    "in the folder that the settings name": (
        {
            "lambda/src/proxy/index.ts": CODE,
            "tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "lambda"}}',
        },
        "lambda/src/proxy/index.handler",
        [TOLD.replace("src/proxy/index.ts", "lambda/src/proxy/index.ts")],
    ),
    "not where the settings say another place": (
        {"src/proxy/index.ts": CODE, "tsconfig.json": '{"compilerOptions": {"outDir": "out"}}'},
        "dist/jobs/nightly.run",
        [],
    ),
    "not where what it made is here": (
        {"src/proxy/index.ts": CODE, "dist/src/proxy/index.js": "exports.handler = async () => 1;\n"},
        "dist/src/proxy/index.handler",
        [],
    ),
}


@pytest.mark.parametrize(("files", "handler", "told"), BUILDS.values(), ids=BUILDS)
def test_the_source_of_what_a_build_makes_is_played_and_before_what_is_not_here(files, handler, told):
    function, said = opened(files | {"serverless.yml": BUILT})

    assert (function["handler"], said) == (handler, told)


def test_the_source_of_a_folder_that_a_build_makes_is_played_from_what_is_beside_it():
    sam = template("Runtime: nodejs22.x, CodeUri: api/dist, Handler: index.handler")["template.yaml"]
    function, said = opened({"template.yaml": sam, "api/src/index.ts": CODE, "api/package.json": "{}"})

    assert (function["handler"], [*function["files"]]) == ("src/index.handler", ["src/index.ts", "package.json"])
    assert said == ["dist/index.handler is what a build makes; its source src/index.ts is played."]


INSIDE = "Played from the folder src: the handler imports what lies beside it, or its packages are listed there."
ROOTS = {
    "a sibling": (
        {"src/app.py": f"import store\n{HANDLER}", "src/store.py": "", "requirements.txt": "requests\n"},
        "app.handler",
        {"app.py", "store.py", "requirements.txt"},
        [INSIDE],
    ),
    "packages": (
        {"src/app.py": HANDLER, "src/requirements.txt": "requests\n", "requirements.txt": "pytest\n", "README.md": ""},
        "app.handler",
        {"app.py", "requirements.txt"},
        [INSIDE],
    ),
    "a sibling by its folder": (
        {"src/app.py": f"from src import store\n{HANDLER}", "src/store.py": ""},
        "src/app.handler",
        {"src/app.py", "src/store.py"},
        [],
    ),
    "a sibling of which the top has one": (
        {"src/app.py": f"import store\n{HANDLER}", "src/store.py": "", "store.py": "", "b.txt": ""},
        "src/app.handler",
        {"src/app.py", "src/store.py", "store.py", "b.txt"},
        [],
    ),
    "what lies outside of its folder": (
        {
            "fn/index.ts": 'import { a } from "../shared/a";\nexport const handler = async () => a;\n',
            "fn/package.json": '{"dependencies": {"axios": "^1"}}',
            "shared/a.ts": "export const a = 1;\n",
        },
        "fn/index.handler",
        {"fn/index.ts", "fn/package.json", "shared/a.ts", "package.json"},
        [],
    ),
    "what is not there outside of its folder": (
        {
            "fn/index.mjs": 'import { a } from "../shared/a.mjs";\nexport const handler = async () => a;\n',
            "fn/package.json": '{"dependencies": {"axios": "^1"}}',
        },
        "index.handler",
        {"index.mjs", "package.json"},
        [INSIDE.replace("src", "fn")],
    ),
    "a module of Node's": (
        {"src/index.mjs": "import './store.mjs';\nexport const handler = 1;\n", "src/store.mjs": "", "a.txt": ""},
        "src/index.handler",
        {"src/index.mjs", "src/store.mjs", "a.txt"},
        [],
    ),
}


@pytest.mark.parametrize(("files", "handler", "taken", "told"), ROOTS.values(), ids=ROOTS)
def test_a_folder_is_the_task_root_where_the_handler_was_written_for_it(files, handler, taken, told):
    function, said = opened({"a.md": "", **files})

    assert function["handler"] == handler
    assert function["files"].keys() - {"a.md"} == taken
    assert said == told


def test_a_lock_that_cannot_be_used_is_left_out_and_a_new_one_is_made():
    files = {
        "index.mjs": "import axios from 'axios';\nexport const handler = async () => 1;\n",
        "package.json": '{"dependencies": {"axios": "^1"}}',
        "package-lock.json": '{"lockfileVersion": 1, "dependencies": {}}',
    }
    function, said = opened(files)

    assert function["files"].keys() == {"index.mjs", "package.json"}
    assert said == [
        "package-lock.json cannot be used: look at its lockfileVersion; correct it or remove it",
        "package-lock.json is left out: the packages will be locked again.",
    ]


def test_a_file_that_lambda_cannot_load_by_its_name_has_no_handler():
    files = {"webpack.config.js": "exports.entry = () => 1;\n", "src/a/b.js": "exports.run = async () => 1;\n"}
    assert opened(files)[0]["handler"] == "src/a/b.run"
    assert opened({"webpack.config.js": files["webpack.config.js"]})[0]["handler"] == "app.handler"
