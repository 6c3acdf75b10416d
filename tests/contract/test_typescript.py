"""TypeScript on every backend: what is made of it runs, and speaks of the lines that the person wrote."""

from __future__ import annotations

import json

import pytest

STORE = """\
export interface User { name: string }

export enum Kind { First = 'first' }

let last: User | undefined;

export function remember(user: User): User | undefined {
  const before = last;
  if (user.name === 'boom') {
    throw new Error('no such user');
  }
  last = user;
  return before;
}
"""
HANDLER = """\
import { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { Kind, remember, User } from './store';

export const handler = async (event: APIGatewayProxyEvent, context: Context): Promise<[Kind, string | null]> => {
  const user = event as unknown as User;
  return [Kind.First, remember(user)?.name ?? null];
};
"""
ONE = {
    "index.ts": "export const handler = async (event: any): Promise<number> => (event as number) + 1;",
    "index.mts": "import { sep } from 'node:path';\nexport const handler = async (e: number) => e + sep.length;",
    "index.cts": "import path = require('path');\nexport = { handler: async (e: number) => e + path.sep.length };",
    "index.tsx": (
        "const h = (name: string, props: object | null, ...inside: number[]) => inside[0];\n"
        "/** @jsx h */\nexport const handler = async (e: number) => <p>{e + 1}</p>;"
    ),
    "index.jsx": "/** @jsx h */\nconst h = (...all) => all[2];\nexport const handler = async (e) => <p>{e + 1}</p>;",
}
DECORATED = """\
const said: string[] = [];
function decorated(value: any, context: any) {
  return function (this: any) { said.push('decorated'); return value.call(this); };
}
class Task {
  @decorated run() { using file = { [Symbol.dispose]: () => { said.push('closed'); } }; }
}
export const handler = async () => { new Task().run(); return said; };
"""
RUNTIMES = pytest.mark.parametrize("runtime", ["nodejs22.x", "nodejs24.x"])


@RUNTIMES
async def test_files_name_each_other_and_what_is_only_a_type_vanishes(real, runtime):
    init = await real.load_files({"index.ts": HANDLER, "store.ts": STORE}, runtime=runtime)
    answers = [(await real.invoke({"name": name})).answer for name in ("alice", "bob")]

    assert init.done.status == "success"
    assert answers == [["first", None], ["first", "alice"]]


@pytest.mark.parametrize("name", ONE)
async def test_every_ending_is_played(real, name):
    await real.load_files({name: ONE[name]}, runtime="nodejs24.x")

    assert (await real.invoke(1)).answer == 2


@RUNTIMES
async def test_a_module_may_wait_before_it_is_ready(real, runtime):
    files = {
        "index.ts": "import { a } from './store';\nconst b: number = await a;\nexport const handler = async () => b;",
        "store.ts": "export const a: Promise<number> = Promise.resolve(2);",
    }
    await real.load_files(files, runtime=runtime)

    assert (await real.invoke()).answer == 2


@RUNTIMES
async def test_javascript_that_a_bundler_builds_is_played_with_its_own_lines(real, runtime):
    files = {
        "src/index.js": "import { fail } from '../lib/fail';\n\nexport const handler = async () => fail();\n",
        "lib/fail.js": "import { sep } from 'path';\n\nexport const fail = () => {\n  throw new Error(sep);\n};\n",
        "package.json": '{"devDependencies": {"serverless-webpack": "^5"}}',
    }
    await real.load_files(files, runtime=runtime, handler="src/index.handler")
    answer = json.loads((await real.invoke()).answered.body)

    assert answer["errorMessage"] == "/"
    assert any("/var/task/lib/fail.js:4:" in line for line in answer["trace"])
    assert any("/var/task/src/index.js:3:" in line for line in answer["trace"])


@RUNTIMES
async def test_decorators_and_using_work_although_the_runtime_has_neither(real, runtime):
    await real.load_files({"index.ts": DECORATED}, runtime=runtime)

    assert (await real.invoke()).answer == ["decorated", "closed"]


@RUNTIMES
@pytest.mark.parametrize("package", [{}, {"package.json": '{"type": "module"}'}])
async def test_a_stack_trace_has_the_lines_that_the_person_wrote(real, runtime, package):
    await real.load_files(
        {"src/index.ts": HANDLER, "src/store.ts": STORE, **package}, runtime=runtime, handler="src/index.handler"
    )
    answer = json.loads((await real.invoke({"name": "boom"})).answered.body)

    assert answer["errorMessage"] == "no such user"
    assert any("/var/task/src/store.ts:10:11" in line for line in answer["trace"])
    assert any("/var/task/src/index.ts:6:" in line for line in answer["trace"])


@RUNTIMES
@pytest.mark.parametrize("first", ["", "const a = await 1;\n"], ids=["CommonJS", "a module"])
async def test_a_mistake_is_a_syntax_error_with_its_place(real, runtime, first):
    files = {"index.ts": first + HANDLER, "store.ts": STORE.replace("= last;", "= ;")}
    init = await real.load_files(files, runtime=runtime)
    answer = json.loads(init.done.body)

    assert answer["errorType"] == "Runtime.UserCodeSyntaxError"
    assert answer["errorMessage"] == 'SyntaxError: store.ts:8:18: Unexpected ";"'


async def test_javascript_beside_it_and_a_function_without_any_are_as_ever(real):
    files = {"index.mjs": "export const handler = async () => process.execArgv;", "types.d.ts": "nonsense("}
    await real.load_files(files, runtime="nodejs24.x")

    assert (await real.invoke()).answer == []


async def test_a_wiped_sandbox_has_nothing_of_what_was_made(real):
    await real.load_files({"index.ts": ONE["index.ts"]}, runtime="nodejs24.x")
    await real.wipe()
    listed = "import fs from 'node:fs';\nexport const handler = async () => fs.readdirSync('/var/task');"
    await real.load_files({"index.mjs": listed}, runtime="nodejs24.x")

    assert (await real.invoke()).answer == ["index.mjs"]
