"""What all runtimes of Node.js have in common. Pure."""

from __future__ import annotations

import re
from typing import Final

from sandbox_runner.runtimes.model import REQUEST_ID, CompiledRecipe, Language, LoadErrors, Runtime, VariableReads
from sandbox_runner.runtimes.node_grammars import JAVASCRIPT
from sandbox_runner.runtimes.node_modules import read_module
from sandbox_runner.runtimes.node_requirements import PACKAGES
from sandbox_runner.runtimes.typescript import TYPESCRIPT

# A ``let`` that nobody exports can be read by a debugger and written by nothing but code of its own module. A line of
# its own, behind whatever the file ends with.
_ACCESSOR: Final = (
    '\n;(globalThis[Symbol.for("holdover.places")] ??= {{}})["{place}"] = '
    "{{ get: () => {name}, set: (value) => {{ {name} = value; }} }};\n"
)
# What people have in NODE_OPTIONS where their build makes source maps. There it would show in the environment.
_WITH_MAPS: Final = "--enable-source-maps"
_ESBUILD: Final = "0.28.2"
# aws/aws-lambda-nodejs-runtime-interface-client, src/utils/env.ts (isMultiConcurrentMode) and src/utils/worker.ts
# (getWorkerCount). By default Lambda has eight workers for each processor, so that requests meet in one only where
# there are more of them; here there is one worker, where any two meet.
_SEVERAL_SINCE: Final = 4
_SEVERAL: Final = {"AWS_LAMBDA_NODEJS_WORKER_COUNT": "1"}


def module_name(path: str) -> str:
    """``lib/store`` for ``lib/store.mjs``, also where that is made from ``lib/store.mts``."""
    return re.sub(r"\.(?:[cm]?[jt]s|[jt]sx)\Z", "", path)


# aws/aws-lambda-nodejs-runtime-interface-client, src/UserFunction.js (_loadUserApp).
_LOAD_ERRORS: Final = LoadErrors(
    around=r"\A(?:SyntaxError|Error): |\nRequire stack:[\s\S]*\Z| imported from [^\n]*\Z",
    missing=r"Cannot find (?:module|package) '(?P<module>[^']+)'",
    not_exported=r"module '(?P<module>[^']+)' does not provide an export named '(?P<name>[^']+)'",
    place=r"(?:file://)?/var/task/(?P<file>[^:\s()]+):(?P<line>\d+)(?::(?P<column>\d+))?",
    innermost=0,
    only_imported=r"require\(\) of ES Module \S*/node_modules/(?P<module>(?:@[^/\s]+/)?[^/\s]+)\S* from ",
    only_in_modules=r"Cannot use (?:import statement|'import\.meta') outside a module|Unexpected token 'export'",
    placed=r"\A(?P<file>[^\n:]+):(?P<line>\d+):(?P<column>\d+): ",
    unexpected=r"Unexpected (?:identifier|token|reserved word|string|number)?(?: '(?P<token>[^']+)')?",
    in_package=r"\A(?:(?!/var/task/)[\s\S])*/var/task/node_modules/(?P<package>(?:@[^/\s]+/)?[^/\s]+)/",
    of_no_value=frozenset({"ReferenceError", "SyntaxError"}),
)
# https://nodejs.org/api/modules.html#built-in-modules
_OWN_MODULES: Final = frozenset(
    [
        "assert",
        "async_hooks",
        "buffer",
        "child_process",
        "cluster",
        "console",
        "constants",
        "crypto",
        "dgram",
        "diagnostics_channel",
        "dns",
        "domain",
        "events",
        "fs",
        "fs/promises",
        "http",
        "http2",
        "https",
        "inspector",
        "module",
        "net",
        "os",
        "path",
        "perf_hooks",
        "process",
        "punycode",
        "querystring",
        "readline",
        "repl",
        "stream",
        "stream/promises",
        "string_decoder",
        "timers",
        "timers/promises",
        "tls",
        "tty",
        "url",
        "util",
        "v8",
        "vm",
        "wasi",
        "worker_threads",
        "zlib",
    ]
)
_VARIABLES: Final = VariableReads(
    read=r"""\bprocess\.env(?:\.|(?P<listed>\[\s*["']))(?P<name>\w+)\b(?(listed)["']\s*\])!?(?!\s*=[^=])"""
    r"""(?:\s*(?P<instead>\|\||\?\?))?""",
    given=r"\s*(?:export\s+)?(?:const\s+|let\s+|var\s+)?(?P<name>\w+)\s*(?::[^=\n]{1,80})?=",
)

LANGUAGE: Final = Language(
    key="node",
    label="Node.js",
    written_in="JavaScript",
    logged_name="nodejs",
    interpreter="node",
    suffixes=(".mjs", ".js", ".cjs"),
    default_file="index.mjs",
    default_handler="index.handler",
    module_name=module_name,
    module_root="node-module",
    grammar=JAVASCRIPT,
    read_module=read_module,
    typical=(
        r"^[ \t]*(?:export[ \t]+)?(?:const|let|var)[ \t]+(?:(?P<name>[A-Za-z_$][\w$]*)|[{\[])"
        r"|^[ \t]*(?:module\.)?exports[ \t]*[.=]|^[ \t]*import\b.*\bfrom\b|^[ \t]*export[ \t]+[\w{*]"
        r"|^[ \t]*(?:async[ \t]+)?function\b|=>|^[ \t]*\}[ \t]*(?:else|catch|finally)\b"
    ),
    # The last is what the templates of the Serverless Framework and of SST call it.
    handler_names=("handler", "lambdaHandler", "main"),
    load_errors=_LOAD_ERRORS,
    own_modules=_OWN_MODULES,
    dialect=TYPESCRIPT,
    # aws/aws-lambda-nodejs-runtime-interface-client, src/LogPatch.js.
    log_frame=rf"\d{{4}}-\d\d-\d\dT[\d:.]+Z\t(?P<id>{REQUEST_ID}|undefined)?\t(?:[A-Z]+\t)?",
    # A Map's.
    value_behind_get="cache",
    keyed_by_attributes=True,
    accessor=_ACCESSOR,
    packages=PACKAGES,
    variables=_VARIABLES,
)


def release(
    major: str,
    *,
    node: str,
    client: str,
    sdk: tuple[str, ...],
    disabled: tuple[tuple[str, str], ...] = (),
    takes_callbacks: bool = True,
    on_demand: bool = False,
) -> Runtime:
    """The runtime of Node ``major``, which is ``node`` here, with AWS's client of version ``client``.

    :param sdk: the packages of AWS's SDK, each as ``name@version``.
    :param disabled: flags that turn something off, each with the one by which a function turns it on again.
    :param takes_callbacks: whether handlers may call back; the client of Node 24 refuses those with three parameters.
        aws/aws-lambda-nodejs-runtime-interface-client, src/function/callback-deprecation.ts
    """
    search = f"/opt/nodejs/node{major}/node_modules:/opt/nodejs/node_modules"
    start = (*(flag for flag, _ in disabled), _WITH_MAPS, "/var/runtime/index.mjs")
    program = "/var/lang/bin/node"
    probe = "{probes_url}/node_probe.mjs?fd={descriptor}&leaves={leaves}&bytes={bytes}&restore={restore_quoted}"
    return Runtime(
        identifier=f"nodejs{major}.x",
        release=major,
        language=LANGUAGE,
        recipe=CompiledRecipe(node, client, sdk, _ESBUILD),
        versions={"node": node, "aws-lambda-ric": client},
        sdk={name: number for name, _, number in (package.rpartition("@") for package in sdk)},
        command=(program, *start),
        probed_command=(program, "--import", probe, *start, "{handler}"),
        environment={"NODE_PATH": f"{search}:/var/runtime/node_modules:/var/runtime:/var/task"},
        unless=tuple((flag, "NODE_OPTIONS", again) for flag, again in disabled),
        # `node_modules` is a link to a mount: a module's path is the one by which it was found, as without the link.
        with_packages=("--preserve-symlinks",),
        # https://nodejs.org/api/cli.html#--use-system-ca: since 22.15.
        with_trust=("--use-openssl-ca" if major == "20" else "--use-system-ca",),
        transformed=(_WITH_MAPS,),
        transformer=("/usr/lib/lambda/esbuild/bin/esbuild", f"--service={_ESBUILD}"),
        takes_callbacks=takes_callbacks,
        several=_SEVERAL if int(client.partition(".")[0]) >= _SEVERAL_SINCE else None,
        on_demand=on_demand,
    )
