"""What AWS's runtime clients do by themselves, as a table: handler in, what the caller and the log get out.

Sources: aws/aws-lambda-python-runtime-interface-client, awslambdaric/bootstrap.py;
aws/aws-lambda-nodejs-runtime-interface-client, src/ of 3.3.0 and 4.0.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

PYTHON, NODE_22, NODE_24 = "python3.13", "nodejs22.x", "nodejs24.x"
FILE = r"file:///\S+"


@dataclass(frozen=True)
class Case:
    """One handler.

    ``error`` is the caller's error type, ``says`` the pattern of its message. ``status`` is how REPORT ends where it
    names an error type. ``exits``: how the process ended. ``logs`` is a pattern that some line matches. ``then``: how
    the next request starts; it repeats an init that failed.
    """

    what: str
    runtime: str
    code: str
    error: str
    says: str
    status: str = ""
    exits: str | None = None
    logs: str = ""
    then: str = "warm"
    handler: str = "app.handler"

    @property
    def id(self) -> str:
        return f"{self.runtime}: {self.what}"


def python(what, code, error, says, **more):
    return Case(what, PYTHON, dedent(code), error, says, **more)


def nodes(what, code, error, says, **more):
    return [Case(what, runtime, dedent(code), error, says, **more) for runtime in (NODE_22, NODE_24)]


IN_INIT = [
    python(
        "a module that cannot be imported",
        "import nothere",
        "Runtime.ImportModuleError",
        r"Unable to import module 'app': No module named 'nothere'",
        status="Runtime.ImportModuleError",
        exits="exit status 1",
        logs=r"\[ERROR\] Runtime\.ImportModuleError: Unable to import module 'app': .*\nTraceback .*",
    ),
    python(
        "a syntax error",
        "def handler(:",
        "Runtime.UserCodeSyntaxError",
        r"Syntax error in module 'app': invalid syntax \(app\.py, line 1\)",
        status="Runtime.UserCodeSyntaxError",
        exits="exit status 1",
        logs=r"\[ERROR\] Runtime\.UserCodeSyntaxError: .*File \"/var/task/app\.py\" Line 1.*",
    ),
    python(
        "a handler that is not there",
        "x = 1",
        "Runtime.HandlerNotFound",
        r"Handler 'handler' missing on module 'app'",
        status="Runtime.HandlerNotFound",
        exits="exit status 1",
    ),
    python(
        "a handler's name without a dot",
        "x = 1",
        "Runtime.MalformedHandlerName",
        r"Bad handler 'app': not enough values to unpack \(expected 2, got 1\)",
        status="Runtime.MalformedHandlerName",
        exits="exit status 1",
        handler="app",
    ),
    python(
        "a handler in a built-in module",
        "x = 1",
        "Runtime.BuiltInModuleConflict",
        r"Cannot use built-in module sys as a handler module",
        status="Runtime.BuiltInModuleConflict",
        exits="exit status 1",
        handler="sys.handler",
    ),
    python(
        "an exception of the module",
        "raise ValueError('at import')",
        "ValueError",
        r"at import",
        status="Runtime.Unknown",
        exits="exit status 1",
        logs=r"\[WARNING\]\t\S+Z\t\tLAMBDA_WARNING: Unhandled exception\. .*",
    ),
    python(
        "an exit of the module",
        "import sys; sys.exit(3)",
        "Runtime.ExitError",
        r"RequestId: \S+ Error: Runtime exited with error: exit status 3",
        status="Runtime.ExitError",
        exits="exit status 3",
    ),
    *nodes(
        "a module that cannot be found",
        "export const x = 1",
        "Runtime.ImportModuleError",
        r"Error: Cannot find module '(/var/task/)?gone'.*",
        status="Runtime.ImportModuleError",
        handler="gone.handler",
    ),
    *nodes(
        "a syntax error",
        "export const handler = async ( => 1",
        "Runtime.UserCodeSyntaxError",
        r"SyntaxError: Unexpected token '=>'",
        status="Runtime.UserCodeSyntaxError",
    ),
    *nodes(
        "a handler that is not there",
        "export const x = 1",
        "Runtime.HandlerNotFound",
        r"app\.handler is undefined or not exported",
        status="Runtime.HandlerNotFound",
    ),
    *nodes(
        "a handler that is no function",
        "export const handler = 1",
        "Runtime.HandlerNotFound",
        r"app\.handler is not a function",
        status="Runtime.HandlerNotFound",
    ),
    *nodes(
        "a handler outside of the task root",
        "export const x = 1",
        "Runtime.MalformedHandlerName",
        r"'\.\./app\.handler' is not a valid handler name\. .*",
        status="Runtime.MalformedHandlerName",
        handler="../app.handler",
    ),
    *nodes(
        "an exception of the module",
        "throw new RangeError('at import')",
        "RangeError",
        r"at import",
        status="Runtime.Unknown",
    ),
    *nodes(
        "an exit of the module",
        "process.exit(3)",
        "Runtime.ExitError",
        r"RequestId: \S+ Error: Runtime exited with error: exit status 3",
        status="Runtime.ExitError",
        exits="exit status 3",
    ),
    Case(
        "a rejection that nobody handles",
        NODE_22,
        "Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 100))\nexport const handler = 1",
        "Runtime.UnhandledPromiseRejection",
        r"Error: lost",
        status="Runtime.UnhandledPromiseRejection",
        exits="exit status 128",
        logs=r"\S+Z\tundefined\tERROR\tUnhandled Promise Rejection \t\{.*",
    ),
    Case(
        "a rejection that nobody handles",
        NODE_24,
        "Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 100))\nexport const handler = 1",
        "Runtime.ExitError",
        r"RequestId: \S+ Error: Runtime exited with error: exit status 1",
        status="Runtime.ExitError",
        exits="exit status 1",
        logs=r"Error: lost",
    ),
    Case(
        "a handler with a callback",
        NODE_24,
        "export const handler = (event, context, callback) => callback(null, 1)",
        "Runtime.CallbackHandlerDeprecated",
        r"ERROR: AWS Lambda has removed support for callback-based function handlers .*",
        status="Runtime.CallbackHandlerDeprecated",
    ),
]

IN_INVOKE = [
    python(
        "an exception",
        "def handler(event, context):\n    raise KeyError('k')",
        "KeyError",
        r"'k'",
        logs=r"\[ERROR\] KeyError: 'k'\nTraceback .*",
    ),
    python(
        "an answer that is no JSON",
        "def handler(event, context):\n    return {1, 2}",
        "Runtime.MarshalError",
        r"Unable to marshal response: Object of type set is not JSON serializable",
    ),
    python(
        "too much memory asked for at once",
        "def handler(event, context):\n    return len(bytearray(1 << 60))",
        "MemoryError",
        r"",
    ),
    python(
        "an exit",
        "import sys\ndef handler(event, context):\n    sys.exit(event)",
        "Runtime.ExitError",
        r"RequestId: \S+ Error: Runtime exited with error: exit status 7",
        status="Runtime.ExitError",
        exits="exit status 7",
        then="suppressed-init",
    ),
    python(
        "an exit that says nothing",
        "import os\ndef handler(event, context):\n    os._exit(0)",
        "Runtime.ExitError",
        r"RequestId: \S+ Error: Runtime exited without providing a reason",
        status="Runtime.ExitError",
        exits="",
        then="suppressed-init",
    ),
    python(
        "an interrupt raised by hand",
        "def handler(event, context):\n    raise KeyboardInterrupt",
        "Runtime.ExitError",
        r"RequestId: \S+ Error: Runtime exited with error: signal: interrupt",
        status="Runtime.ExitError",
        exits="signal: interrupt",
        then="suppressed-init",
    ),
    python(
        "a segmentation fault",
        "import ctypes\ndef handler(event, context):\n    ctypes.string_at(0)",
        "Runtime.ExitError",
        r"RequestId: \S+ Error: Runtime exited with error: signal: segmentation fault",
        status="Runtime.ExitError",
        exits="signal: segmentation fault",
        then="suppressed-init",
    ),
    *nodes(
        "an exception",
        "export const handler = async () => { throw new TypeError('boom') }",
        "TypeError",
        r"boom",
        logs=r'\S+Z\t\S+\tERROR\tInvoke Error \t\{"errorType":"TypeError","errorMessage":"boom".*',
    ),
    Case(
        "an answer that is no JSON",
        NODE_22,
        "export const handler = async () => 1n",
        "Error",
        r"Unable to stringify response body",
    ),
    Case(
        "an answer that is no JSON",
        NODE_24,
        "export const handler = async () => 1n",
        "Runtime.JSONStringifyError",
        r"Unable to stringify response body",
    ),
    *nodes(
        "an exit",
        "export const handler = async () => process.exit(7)",
        "Runtime.ExitError",
        r"RequestId: \S+ Error: Runtime exited with error: exit status 7",
        status="Runtime.ExitError",
        exits="exit status 7",
        then="suppressed-init",
    ),
    Case(
        "a rejection that nobody handles",
        NODE_22,
        "const wait = (ms) => new Promise((r) => setTimeout(r, ms))\n"
        "export const handler = async () => { Promise.reject(new Error('lost')); await wait(100) }",
        "Runtime.UnhandledPromiseRejection",
        r"Error: lost",
        status="Runtime.ExitError",
        exits="exit status 128",
        then="suppressed-init",
        logs=r"\S+Z\t\S+\tERROR\tUnhandled Promise Rejection \t\{.*",
    ),
    Case(
        "a rejection that nobody handles",
        NODE_24,
        "const wait = (ms) => new Promise((r) => setTimeout(r, ms))\n"
        "export const handler = async () => { Promise.reject(new Error('lost')); await wait(100) }",
        "Runtime.ExitError",
        r"RequestId: \S+ Error: Runtime exited with error: exit status 1",
        status="Runtime.ExitError",
        exits="exit status 1",
        then="suppressed-init",
    ),
    Case(
        "an exception that nobody catches",
        NODE_22,
        "const wait = (ms) => new Promise((r) => setTimeout(r, ms))\n"
        "export const handler = async () => { setTimeout(() => { throw new Error('lost') }, 5); await wait(100) }",
        "Error",
        r"lost",
        status="Runtime.ExitError",
        exits="exit status 129",
        then="suppressed-init",
        logs=r"\S+Z\t\S+\tERROR\tUncaught Exception \t\{.*",
    ),
    Case(
        "an exception that nobody catches",
        NODE_24,
        "const wait = (ms) => new Promise((r) => setTimeout(r, ms))\n"
        "export const handler = async () => { setTimeout(() => { throw new Error('lost') }, 5); await wait(100) }",
        "Runtime.ExitError",
        r"RequestId: \S+ Error: Runtime exited with error: exit status 1",
        status="Runtime.ExitError",
        exits="exit status 1",
        then="suppressed-init",
    ),
    Case(
        "nothing left to wait for",
        NODE_24,
        "export const handler = async () => { await new Promise(() => {}) }",
        "Runtime.ExitError",
        r"RequestId: \S+ Error: Runtime exited without providing a reason",
        status="Runtime.ExitError",
        exits="",
        then="suppressed-init",
    ),
]
