"""Makes calls of Lambda's API with the AWS CLI, read as JSON, and prints the answers as JSON: one process for all.

``python lambda_cli.py ENDPOINT FOLDER``, with the package ``awscli`` on the path.
"""

import base64
import io
import json
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from awscli.clidriver import create_clidriver

DRIVER = create_clidriver()
ENDPOINT, FOLDER = sys.argv[1], Path(sys.argv[2])
ERROR = re.compile(r"An error occurred \((\w+)\)")


def words(name):
    """A name of the API's as the command line has it."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def told(operation, parameters):
    """What one command prints and writes."""
    answer, packed = FOLDER / "answer", parameters.pop("ZipFile", None)
    answer.unlink(missing_ok=True)
    options = [text for name, value in parameters.items() for text in (f"--{words(name)}", str(value))]
    if packed is not None:
        (FOLDER / "code.zip").write_bytes(base64.b64decode(packed))
        options += ["--zip-file", f"fileb://{FOLDER / 'code.zip'}"]
    command = ["lambda", words(operation), "--endpoint-url", ENDPOINT, "--output", "json", *options]
    printed, failed = io.StringIO(), io.StringIO()
    with redirect_stdout(printed), redirect_stderr(failed):
        status = DRIVER.main([*command, *([str(answer)] if operation == "Invoke" else [])])
    if status:
        error = ERROR.search(failed.getvalue())
        return {"error": error[1] if error else failed.getvalue()}
    said = json.loads(printed.getvalue() or "{}")
    return {**said, "Payload": answer.read_text()} if answer.exists() else said


sys.stdout.write(json.dumps([told(*call) for call in json.load(sys.stdin)]))
