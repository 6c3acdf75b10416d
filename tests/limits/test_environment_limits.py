"""Who the function is, where it lives and what it finds in its environment."""

from __future__ import annotations

import pytest

from sandbox_runner.errors import ScenarioError
from sandbox_runner.scenario.reader import parse_scenario
from sandbox_runner.scenario.reserved_variables import RESERVED_VARIABLES
from tests.builders import a_function, invoke
from tests.playing import answers, played

PYTHON_DUMP = "import os\ndef handler(event, context):\n    return dict(os.environ)"
NODE_DUMP = "export const handler = async () => process.env"

# As recorded: localstack/localstack, tests/aws/services/lambda_/test_lambda_common.snapshot.json.
EVERYWHERE = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_REGION": "us-east-1",
    "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "LAMBDA_TASK_ROOT": "/var/task",
    "LANG": "en_US.UTF-8",
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "PWD": "/var/task",
    "SHLVL": "0",
    "TZ": ":UTC",
    "_HANDLER": "app.handler",
}
BY_RUNTIME = {
    "python3.13": {
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "LC_CTYPE": "C.UTF-8",
        "PYTHONPATH": "/var/runtime",
    },
    "nodejs22.x": {
        "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x",
        "NODE_PATH": "/opt/nodejs/node22/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules"
        ":/var/runtime:/var/task",
    },
}
NOT_THERE = {"HOME", "HOSTNAME", "USER", "AWS_ACCESS_KEY", "AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL"}


@pytest.mark.parametrize(("runtime", "code"), [("python3.13", PYTHON_DUMP), ("nodejs22.x", NODE_DUMP)])
def test_variables_have_the_values_that_were_recorded(engine, runtime, code):
    (found,) = answers(played(engine, code, 1, runtime=runtime, environment={"STAGE": "dev $HOME"}))
    expected = EVERYWHERE | BY_RUNTIME[runtime] | {"STAGE": "dev $HOME"}
    assert {name: found.get(name) for name in expected} == expected
    assert not NOT_THERE & set(found)


def test_the_json_format_is_told_to_the_runtime_with_its_level(engine):
    (found,) = answers(played(engine, PYTHON_DUMP, 1, log_format="json", log_level="WARN"))
    assert (found["AWS_LAMBDA_LOG_FORMAT"], found["AWS_LAMBDA_LOG_LEVEL"]) == ("JSON", "WARN")


@pytest.mark.parametrize("name", sorted(RESERVED_VARIABLES))
def test_a_reserved_variable_is_refused(name):
    with pytest.raises(ScenarioError, match=name):
        parse_scenario({"function": a_function(environment={name: "x"}), "steps": [invoke(1)]})


@pytest.mark.parametrize(("size", "taken"), [(4096, True), (4097, False)])
def test_all_variables_together_have_4_kb(size, taken):
    asked = {"function": a_function(environment={"BALLAST": "x" * (size - len("BALLAST"))}), "steps": [invoke(1)]}
    if taken:
        assert parse_scenario(asked)
    else:
        with pytest.raises(ScenarioError, match="Lambda takes 4,096"):
            parse_scenario(asked)


@pytest.mark.parametrize(
    ("path", "errno"),
    [
        ("/file", 30),
        ("/opt/file", 30),
        ("/var/file", 30),
        ("/usr/lib/file", 30),
        ("/home/sbx_user1051/file", 2),
        ("/var/task/file", 30),
        ("/var/task/app.py", 30),
    ],
)
def test_only_tmp_can_be_written_to(engine, path, errno):
    code = f"def handler(event, context):\n    open({path!r}, 'w')"
    (error,) = answers(played(engine, code, 1))
    assert error["errorMessage"].startswith(f"[Errno {errno}] "), error


@pytest.mark.parametrize(
    "attempt",
    [
        "open('app.py', 'a')",
        "open('app.py', 'r+')",
        "os.chmod('app.py', 0o777)",
        "os.utime('app.py')",
        "os.remove('app.py')",
        "os.rename('app.py', 'b.py')",
        "os.mkdir('folder')",
    ],
)
def test_the_functions_own_files_cannot_be_changed_in_any_way(engine, attempt):
    """Lambda's file system is read-only as a whole, and says so before it looks at a file's mode."""
    (error,) = answers(played(engine, f"import os\ndef handler(event, context):\n    {attempt}", 1))
    assert error["errorMessage"].startswith("[Errno 30] Read-only file system"), error


@pytest.mark.parametrize(
    ("path", "mode", "owner"),
    [
        ("/var/task", "drwxr-xr-x", "root"),
        ("/opt", "drwxr-xr-x", "root"),
        ("/tmp", "drwxrwxrwt", "root"),
    ],
)
def test_places_have_the_modes_that_were_recorded(engine, path, mode, owner):
    """Source: localstack/localstack, tests/aws/services/lambda_/test_lambda.snapshot.json."""
    code = f"""
import os, pwd, stat
def handler(event, context):
    seen = os.stat({path!r})
    return [stat.filemode(seen.st_mode), pwd.getpwuid(seen.st_uid).pw_name, os.listdir("/opt")]
"""
    assert answers(played(engine, code, 1)) == [[mode, owner, []]]


def test_the_place_where_the_files_were_written_is_closed(engine):
    """Their modes would let anybody change them there."""
    code = "def handler(event, context):\n    open('/run/store/task/app.py', 'a')"
    (error,) = answers(played(engine, code, 1))
    assert error["errorMessage"] == "[Errno 13] Permission denied: '/run/store/task/app.py'"


def test_the_user_and_the_place_are_those_of_lambda(engine):
    code = """
import getpass, os
def handler(event, context):
    home = os.path.expanduser("~")
    return [getpass.getuser(), os.getuid(), os.getgid(), os.getcwd(), home, os.path.exists(home)]
"""
    assert answers(played(engine, code, 1)) == [["sbx_user1051", 993, 990, "/var/task", "/home/sbx_user1051", False]]


def test_there_is_no_shared_memory(engine):
    """Lambda's older C library says ENOSYS, error 38, of the same missing folder."""
    code = "import multiprocessing\ndef handler(event, context):\n    multiprocessing.Lock()"
    (error,) = answers(played(engine, code, 1))
    assert error["errorMessage"] == "[Errno 2] No such file or directory"
