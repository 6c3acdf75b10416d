"""Handlers that get in the probe's way: each keeps the first request's value unseen, and would like to be called clean.

``SPOKEN`` names what the verdict has to say of it; an empty text is for those that the probe is not disturbed by.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from textwrap import dedent

from sandbox_runner.scenario.model import Scenario

PYTHON_PIPE = """
import os
def pipes():
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{name}").startswith("pipe:") and int(name) > 2:
                found.append(int(name))
        except OSError:
            pass
    return found
"""
FORGED = (
    'b"".join(len(t).to_bytes(4, "big") + t for t in [json.dumps({"after": "invoke", "request_id": c.aws_request_id,'
    ' "nodes": 1, "truncated": False, "took_us": 1, "leaves": [], "disturbed": []}).encode()])'
)


@dataclass(frozen=True)
class Disturber:
    """``code`` is put beside a handler that keeps what it is sent; ``each`` runs in each request."""

    what: str
    module: str
    each: str = "pass"
    says: str = ""
    runtime: str = "python3.13"

    @property
    def id(self) -> str:
        return f"{self.runtime[:4]}-{self.what}".replace(" ", "-")

    @cached_property
    def scenario(self) -> Scenario:
        """Two requests of two principals to the handler."""
        python = self.runtime.startswith("python")
        name = "app.py" if python else "app.mjs"
        steps = [{"invoke": {"payload": {"user": user}, "as": user}} for user in ("alice-7Qx", "bob-91Kz")]
        files = {name: self._python() if python else self._node()}
        function = {"runtime": self.runtime, "handler": "app.handler", "files": files}
        return Scenario.model_validate({"function": function, "steps": steps})

    def _python(self) -> str:
        body = "\n".join(f"    {line}" for line in dedent(self.each).strip().splitlines())
        return f"{dedent(self.module)}\n\ndef handler(e, c):\n{body}\n    return 'ok'\n"

    def _node(self) -> str:
        body = f"{dedent(self.each)}\nreturn 'ok';"
        return f"{dedent(self.module)}\nexport const handler = async (e, c) => {{\n{body}\n}};\n"


def node(what: str, module: str, each: str = "", says: str = "") -> Disturber:
    return Disturber(what, module, each, says, "nodejs22.x")


DISTURBERS = [
    Disturber("json that lies", "import json\njson.dumps = json.JSONEncoder.encode = lambda *a, **k: '{}'"),
    Disturber("json's encoder that lies", "import json.encoder\njson.encoder.c_make_encoder = None"),
    Disturber("a socket that fails", "import socket\nsocket.socket.send = None"),
    Disturber("gc that lies", "import gc\ngc.get_referents = gc.get_objects = lambda *a: []"),
    Disturber("os that lies", "import os\nos.write = lambda *a: 0\nos.getpid = lambda: 1\nos.getcwd = lambda: '/'"),
    Disturber("a clock that stands", "import time\ntime.monotonic_ns = time.perf_counter_ns = lambda: 0"),
    Disturber(
        "a trace function that ends the probe",
        """
        import sys
        def trace(frame, event, argument):
            if "leaves" in frame.f_locals or "probes" in frame.f_code.co_filename:
                raise SystemExit
            return trace
        """,
        "sys.settrace(trace)\nsys.setprofile(trace)",
        says="no report came",
    ),
    Disturber("a trace function", "import sys\ndef trace(*_):\n    return trace", "sys.settrace(trace)"),
    Disturber("a collector's callback", "import gc, os\ngc.callbacks.append(lambda *a: None)\ngc.set_threshold(1)"),
    Disturber("builtins that lie", "import builtins\nbuiltins.list = lambda *a: []", says="builtins.list"),
    Disturber("a type that lies", "import builtins\nbuiltins.id = lambda x: 1", says="builtins.id"),
    Disturber("modules hidden", "import sys", "sys.modules = dict(sys.modules)", says="sys.modules"),
    Disturber(
        "monitoring",
        "import sys",
        "sys.monitoring.get_tool(3) or sys.monitoring.use_tool_id(3, 'me')",
        says="sys.monitoring",
    ),
    Disturber(
        "the probe's own functions",
        "import gc",
        """
        for each in gc.get_objects():
            if type(each) is type and each.__name__ == "Walker":
                rows = type("Rows", (), {"text": lambda self: ""})()
                walk = type("Walk", (), {"rows": rows, "nodes": 1, "truncated": False, "packages": []})()
                each.walk = lambda self, size: walk
        """,
        says="Walker.walk",
    ),
    Disturber(
        "the descriptor closed", PYTHON_PIPE, "[os.close(each) for each in pipes()]", says="the probe sent nothing"
    ),
    Disturber(
        "the descriptor replaced",
        PYTHON_PIPE,
        "[os.dup2(os.open('/dev/null', os.O_WRONLY), each) for each in pipes()]",
        says="the probe sent nothing",
    ),
    Disturber("the descriptor copied", PYTHON_PIPE, "[os.dup(each) for each in pipes()]", says="copy of the probe's"),
    Disturber(
        "a frame forged",
        f"import json\n{PYTHON_PIPE}",
        f"[os.write(each, {FORGED}) for each in pipes()]",
        says="2 reports came",
    ),
    Disturber(
        "a frame forged by a child that goes on",
        f"import json, time\n{PYTHON_PIPE}",
        f"""
        frame = {FORGED}
        for each in pipes():
            if os.fork() == 0:
                os.write(each, frame)
                os._exit(0)
            os.wait()
            os.close(each)
        """,
        says="the probe sent nothing",
    ),
    Disturber(
        "rubbish on the descriptor",
        PYTHON_PIPE,
        "[os.write(each, b'\\0\\0\\0\\2[]') for each in pipes()]",
        says="2 reports",
    ),
    Disturber(
        "an exit between answer and walk",
        """
        import os
        from awslambdaric.lambda_runtime_client import LambdaRuntimeClient
        post = LambdaRuntimeClient.post_invocation_result
        def posted(*a, **k):
            post(*a, **k)
            os._exit(0)
        LambdaRuntimeClient.post_invocation_result = posted
        """,
        says="no report came",
    ),
    Disturber(
        "the loop's own wait",
        """
        from awslambdaric.lambda_runtime_client import LambdaRuntimeClient
        import gc
        for each in gc.get_objects():
            if getattr(type(each), "__name__", "") == "cell":
                try:
                    if getattr(each.cell_contents, "__name__", "") == "wait_next_invocation":
                        LambdaRuntimeClient.wait_next_invocation = each.cell_contents
                except ValueError:
                    pass
        """,
        says="the probe sent nothing",
    ),
    Disturber(
        "objects that do not want to be read",
        """
        class Mine:
            def __getattribute__(self, name): raise SystemExit
            def __repr__(self): raise SystemExit
            def __iter__(self):
                while True: yield self
            __class__ = property(lambda self: 1 / 0)
            __dict__ = property(lambda self: 1 / 0)
        class Meta(type):
            def __getattribute__(cls, name): raise SystemExit
        class Other(metaclass=Meta): pass
        things = [Mine(), Other]
        """,
    ),
    node("JSON that lies", "JSON.stringify = () => '{}';"),
    node("a toJSON", "Array.prototype.toJSON = () => [];", says="toJSON"),
    node(
        "Map that lies", "Map.prototype.get = () => undefined; Map.prototype.forEach = () => {};", says="Map.prototype."
    ),
    node("arrays that lie", "Array.prototype.push = () => 0;", says="Array.prototype.push"),
    node(
        "an inspector that lies",
        "import { Session } from 'node:inspector';\nSession.prototype.post = () => {};",
        says="Session.prototype",
    ),
    # One without `then` would end the process, and now and then before the first walk.
    node(
        "Promise that lies",
        "const { then } = Promise.prototype;\nPromise.race = () => {};\n"
        "Promise.prototype.then = function (...given) { return then.apply(this, given); };",
        says="Promise.race",
    ),
    node("Node's domain, as the SDK v2 loads it", "import 'node:domain';"),
    node(
        "emitters that lie", "import { EventEmitter } from 'node:events';\nEventEmitter.prototype.emit = () => false;"
    ),
    node("Reflect that lies", "Reflect.ownKeys = () => [];", says="Reflect.ownKeys"),
    node("Object that lies", "Object.entries = () => [];", says="Object.entries"),
    node(
        "the descriptor closed",
        "import fs from 'node:fs';",
        "for (const n of fs.readdirSync('/proc/self/fd')) { try { if (+n > 2 && fs.readlinkSync(`/proc/self/fd/${n}`)"
        ".startsWith('pipe:')) fs.closeSync(+n); } catch {} }",
        says="the probe sent nothing",
    ),
    node(
        "a frame forged",
        """
        import fs from "node:fs";
        const text = Buffer.from('{"leaves": []}');
        const head = Buffer.alloc(4);
        head.writeUInt32BE(text.length);
        const fd = Number(/[?&]fd=(\\d+)/.exec(fs.readFileSync("/proc/self/cmdline", "utf8"))?.[1] ?? -1);
        """,
        "if (fd >= 0) fs.writeSync(fd, Buffer.concat([head, text]));",
        says="reports came",
    ),
    node(
        "an exit behind an answer that claims to be too large",
        "",
        """
        setImmediate(() => process.exit(0));
        await null;
        const said = "Response payload size exceeded maximum allowed payload size (6291556 bytes).";
        return { errorMessage: said, errorType: "Function.ResponseSizeTooLarge" };
        """,
        says="no report came",
    ),
    node("an exit in the walk", "", "setImmediate(() => process.exit(0));\nawait null;", says="no report came"),
    node(
        "objects that do not want to be read",
        """
        const trap = new Proxy({}, new Proxy({}, { get() { process.exit(3); } }));
        const leave = () => process.exit(3);
        const mine = { toJSON: leave, get secret() { return leave(); }, [Symbol.toPrimitive]: leave };
        globalThis.things = [trap, mine];
        """,
    ),
]
