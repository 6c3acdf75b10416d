"""Files that are made of others inside a sandbox, and what is hostile in them."""

from __future__ import annotations

import base64
import json

import pytest

PLAIN = "export const handler = async (event: number): Promise<number> => event + 1;\n"
MADE = {"index.ts": {"target": "index.js", "loader": "ts", "kind": "cjs", "settings": "", "merged": ""}}
# What takes all the memory that there is, and what takes time without end.
ENDED = "esbuild ended with this file, which takes too much time or memory"
DEEP = "export const a = " + "[" * 1_000_000
ENDLESS = "f<" * 100_000


def lying_map(source: str) -> str:
    told = {"version": 3, "sources": [source], "mappings": ";;IAAA,MAAA,MAAA"}
    return "//# sourceMappingURL=data:application/json;base64," + base64.b64encode(json.dumps(told).encode()).decode()


@pytest.mark.parametrize(
    ("hostile", "said"),
    [
        (DEEP, ENDED),
        ("(" * 200_000, ENDED),
        ("export let a: number = " + "a => " * 200_000 + "1", ENDED),
        ("export const a = `${" * 10_000, ""),
        ("\ud800\0", ""),
        ("export const a: number = 1 2", 'Expected ";" but found "2"'),
    ],
    ids=["brackets", "parentheses", "arrows", "templates", "no text", "a mistake"],
)
async def test_a_file_that_cannot_be_made_fails_when_it_is_loaded_and_no_other_does(talk, hostile, said):
    files = {"other.ts": hostile, "index.ts": PLAIN}
    init = await talk.load_files(files, runtime="nodejs24.x")

    assert init.done.status == "success"
    assert (await talk.invoke(1)).answer == 2
    await talk.wipe()
    files["index.ts"] = "import './other';\n" + PLAIN
    loaded = await talk.load_files(files, runtime="nodejs24.x")
    assert loaded.done.error_type == "Runtime.UserCodeSyntaxError"
    assert said in json.loads(loaded.done.body)["errorMessage"]


async def test_a_file_without_end_ends_at_the_limit_and_is_named(talk):
    init = await talk.load_files({"index.ts": ENDLESS, "other.ts": PLAIN}, runtime="nodejs24.x")

    assert json.loads(init.done.body)["errorMessage"] == f"SyntaxError: index.ts: {ENDED}"


async def test_a_large_file_and_a_thousand_small_ones_are_made(talk):
    files = {f"lib/n{i}.ts": f"export const n: number = {i};\n" for i in range(1000)}
    files["large.ts"] = "export const a: string = 'x';\n" + "var line: number = 1;\n" * 40_000
    files["index.ts"] = (
        "export const handler = async (): Promise<number> =>\n"
        "  [...Array(1000).keys()].reduce((sum, i) => sum + require(`./lib/n${i}`).n, require('./large').a.length);\n"
    )
    init = await talk.load_files(files, runtime="nodejs24.x")

    assert init.done.status == "success", init.done.body
    assert (await talk.invoke()).answer == 499_501


async def test_ten_megabytes_are_too_much_and_said(talk):
    files = {"index.ts": PLAIN + "var line: number = 1;\n" * 480_000}
    await talk.configure(files, runtime="nodejs24.x", handler="index.handler", transforms=MADE)
    init = await talk.init()

    assert json.loads(init.done.body)["errorMessage"].startswith(f"SyntaxError: index.ts: {ENDED}")


@pytest.mark.parametrize("source", ["/etc/passwd", "index.ts", "../../../../../proc/self/environ"])
async def test_a_map_that_lies_is_not_followed(talk, source):
    text = "export const handler = async (): Promise<void> => {\n\n  throw new Error('here');\n};\n"
    await talk.load_files({"index.ts": text + lying_map(source)}, runtime="nodejs24.x")
    trace = json.loads((await talk.invoke()).answered.body)["trace"]

    assert trace[1].strip().endswith("(/var/task/index.ts:3:9)")


async def test_a_message_is_data_whatever_it_says(talk):
    text = 'const a = "\\u2028";\nconst b: number = `${`"; process.exit(7); //`} `\u2028 </script> ${ 1 2 }`;\n'
    init = await talk.load_files({"index.ts": text}, runtime="nodejs24.x")

    assert (init.done.exit, init.done.error_type) == ("exit status 1", "Runtime.UserCodeSyntaxError")


async def test_a_tsconfig_is_followed_and_a_broken_one_is_named(talk):
    text = (
        "function kept(target: any, name: string) { target.kept = name; }\n"
        "class A { @kept method() {} }\n"
        "export const handler = async () => (A.prototype as any).kept;\n"
    )
    told = '{ // as people have it\n "compilerOptions": {"experimentalDecorators": true,}, "extends": "./none.json" }'
    await talk.load_files({"index.ts": text, "tsconfig.json": told}, runtime="nodejs24.x")
    assert (await talk.invoke()).answer == "method"
    await talk.wipe()

    init = await talk.load_files(
        {"index.ts": text, "tsconfig.json": '{\n  "compilerOptions": {,}}'}, runtime="nodejs24.x"
    )
    assert json.loads(init.done.body)["errorMessage"].startswith("SyntaxError: tsconfig.json:2:23: ")


@pytest.mark.parametrize("first", ["", "await 1;\n"], ids=["CommonJS", "a module"])
async def test_the_state_of_what_was_made_is_found_and_nothing_that_esbuild_put_there(talk, first):
    files = {
        "index.ts": first
        + "import os, { hostname } from 'node:os';\nimport { S3Client } from '@aws-sdk/client-s3';\n"
        + "import keep, { kept } from './lib/kept-things';\nlet last = '';\nexport let calls: number = 0;\n"
        + "export const handler = async (event: string) => {\n"
        + "  last = event; calls += 1; keep(event);\n"
        + "  return [os.EOL, hostname(), kept, typeof S3Client];\n};\n",
        "lib/kept-things.ts": "export const kept: string[] = [];\nexport default (x: string) => { kept.push(x); };\n",
    }
    await talk.load_files(files, runtime="nodejs24.x", probe=True)
    state = (await talk.invoke("alice")).state
    leaves = [leaf for leaf in json.loads(state.body)["leaves"] if leaf[0] == "node-module"]

    assert {(leaf[1], leaf[4]) for leaf in leaves} == {
        ("index.last", "alice"),
        ("index.calls", "1"),
        ("lib/kept-things.kept", "alice"),
    }


async def test_what_is_kept_for_a_replay_is_made_anew_where_anything_differs(talk):
    index = {
        "index.ts": (
            "let seen: number = 0;\nclass A { set a(x: number) { seen = x; } }\n"
            "class B extends A { a = 2; }\nnew B();\n"
            "export const handler = async () => seen;\n"
        )
    }
    by_definition = {"tsconfig.json": '{"compilerOptions": {"useDefineForClassFields": true}}'}
    by_assignment = {"tsconfig.json": '{"compilerOptions": {"useDefineForClassFields": false}}'}
    answers = []
    extending = {"tsconfig.json": '{"extends": "./base"}', "base.json": by_assignment["tsconfig.json"]}
    for settings in (by_definition, by_assignment, by_definition, extending):
        await talk.load_files(index | settings, runtime="nodejs24.x")
        answers.append((await talk.invoke()).answer)
        await talk.wipe()

    assert answers == [0, 2, 0, 2]
