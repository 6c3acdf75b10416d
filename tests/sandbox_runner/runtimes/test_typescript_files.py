"""Which files are made of TypeScript, and how the names in them are written out."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.runtimes.registry import runtime_of

RUNTIME = runtime_of("nodejs24.x")
LANGUAGE = RUNTIME.language
MODULE = {"package.json": '{"type": "module"}'}
WAITS = "const a = await 1;\nexport const handler = async () => a;\n"


def transformed(files):
    return LANGUAGE.transformed(files, RUNTIME.handler_files("index.handler"))


def made(files):
    """``target`` and kind of what is made, by path."""
    return {path: (how.target, how.kind) for path, how in transformed(files).transforms.items()}


def text(files, path="index.ts"):
    return transformed(files).files[path]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"index.ts": "export {}"}, {"index.ts": ("index.js", "cjs")}),
        ({"index.ts": "export {}", **MODULE}, {"index.ts": ("index.js", "esm")}),
        ({"index.ts": WAITS}, {"index.ts": ("index.mjs", "esm")}),
        ({"index.ts": "for await (const a of b) {}"}, {"index.ts": ("index.mjs", "esm")}),
        ({"index.ts": "export const a = import.meta.url;"}, {"index.ts": ("index.mjs", "esm")}),
        ({"index.ts": "export const f = async () => { await 1; };"}, {"index.ts": ("index.js", "cjs")}),
        ({"a.mts": "", "b.cts": ""}, {"a.mts": ("a.mjs", "esm"), "b.cts": ("b.cjs", "cjs")}),
        ({"a.mts": "", "b.cts": "", **MODULE}, {"a.mts": ("a.mjs", "esm"), "b.cts": ("b.cjs", "cjs")}),
        ({"a.tsx": "", "b.jsx": ""}, {"a.tsx": ("a.js", "cjs"), "b.jsx": ("b.js", "cjs")}),
        ({"index.ts": WAITS, "store.ts": ""}, {"index.ts": ("index.mjs", "esm"), "store.ts": ("store.mjs", "esm")}),
        ({"lib/a.ts": "", "b.ts": "", "lib/package.json": '{"type": "module"}'},
         {"lib/a.ts": ("lib/a.js", "esm"), "b.ts": ("b.js", "cjs")}),
        ({"index.ts": "", "package.json": "not JSON"}, {"index.ts": ("index.js", "cjs")}),
        ({"types.d.ts": "", "node_modules/a/index.ts": "", "index.mjs": ""}, {}),
    ],
)  # fmt: skip
def test_a_file_becomes_the_kind_of_module_that_its_function_asks_for(files, expected):
    assert made(files) == expected


def test_what_the_handler_does_not_lead_to_does_not_decide():
    files = {"index.ts": "import './a';", "a.ts": "", "deploy.ts": "await 1;", "vite.config.ts": "import.meta.url;"}

    assert {kind for _, kind in made(files).values()} == {"cjs"}
    assert {kind for _, kind in made(files | {"a.ts": "export * from './deploy';"}).values()} == {"esm"}


def test_a_file_that_is_there_already_is_played_as_it_is():
    assert made({"index.ts": "", "index.js": ""}) == {}
    assert made({"a.ts": "", "a.tsx": ""}) == {"a.ts": ("a.js", "cjs")}


SAYS = "export const handler = async () => 1;\n"
BUILT = {"package.json": '{"devDependencies": {"serverless-webpack": "^5"}}'}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"index.js": SAYS}, []),
        ({"index.js": SAYS, **BUILT}, ["index.js"]),
        ({"index.js": SAYS, "package.json": '{"dependencies": {"esbuild": "1"}}'}, ["index.js"]),
        ({"index.js": SAYS, "package.json": '{"dependencies": ["esbuild"]}'}, []),
        ({"index.js": SAYS, "package.json": '{"type": "module", "dependencies": {"esbuild": "1"}}'}, []),
        ({"index.js": "exports.handler = async () => {\nimport('./a');\n};\n", **BUILT}, []),
        ({"index.js": f"import './a'; {SAYS}", "a.js": SAYS, "page.js": SAYS, **BUILT}, ["a.js", "index.js"]),
        ({"index.js": f"import './a';\n{SAYS}", "a.js": "exports.b = 1;\n", **BUILT}, ["index.js"]),
        ({"index.js": f"await 1;\n{SAYS}", **BUILT}, []),
        ({"index.mjs": SAYS, "node_modules/a/index.js": SAYS, **BUILT}, []),
        ({"index.ts": "import './a';\n", "a.js": SAYS}, ["a.js", "index.ts"]),
        ({"index.ts": SAYS, "index.js": SAYS, **BUILT}, ["index.js"]),
    ],
)
def test_javascript_that_only_a_build_makes_loadable_is_transformed_where_there_is_one(files, expected):
    assert sorted(made(files)) == expected


def test_built_javascript_keeps_its_name_and_names_what_node_loads():
    files = {"index.js": f"import a from './lib';\n{SAYS}", "lib/index.js": SAYS, **BUILT}

    assert made(files) == {"index.js": ("index.js", "cjs"), "lib/index.js": ("lib/index.js", "cjs")}
    assert text(files, "index.js") == f"import a from './lib/index.js';\n{SAYS}"


@pytest.mark.parametrize(
    ("said", "others", "expected"),
    [
        ("./store", ["store.ts"], "./store.js"),
        ("./store.js", ["store.ts"], "./store.js"),
        ("./store.ts", ["store.ts"], "./store.js"),
        ("./store.mjs", ["store.mts"], "./store.mjs"),
        ("./view.jsx", ["view.tsx"], "./view.js"),
        ("./lib", ["lib/index.ts"], "./lib/index.js"),
        ("./lib/deep", ["lib/deep.ts"], "./lib/deep.js"),
        (".", ["other.ts"], "./index.js"),
        ("./plain", ["plain.js"], "./plain.js"),
        ("./data.json", ["data.json"], "./data.json"),
        ("./gone", [], "./gone"),
        ("../outside", ["outside.ts"], "../outside"),
        ("store", ["store.ts"], "store"),
        ("@aws-sdk/client-s3", [], "@aws-sdk/client-s3"),
        ("node:fs", [], "node:fs"),
    ],
)
def test_a_name_becomes_the_file_that_node_loads(said, others, expected):
    files = {"index.ts": f"import a from '{said}';\n", **dict.fromkeys(others, "")}

    assert text(files) == f"import a from '{expected}';\n"


@pytest.mark.parametrize(
    "line",
    [
        "import './store';",
        "import type { A } from './store';",
        "export * from './store';",
        "export { a } from './store';",
        "const a = () => import('./store');",
        "const a = require('./store');",
        "import a = require('./store');",
    ],
)
def test_every_way_of_naming_a_file_is_understood(line):
    files = {"index.ts": f"{line}\n// './store'\nconst b = './store';\n", "store.mts": ""}

    assert text(files) == line.replace("./store", "./store.mjs") + "\n// './store'\nconst b = './store';\n"


def test_a_file_in_a_folder_names_its_own_neighbours_and_those_above():
    files = {"src/index.ts": "import '../lib/a'; import './b';", "lib/a.ts": "", "src/b.ts": ""}

    assert text(files, "src/index.ts") == "import '../lib/a.js'; import './b.js';"


def test_json_needs_more_words_in_a_module():
    files = {"data.json": "{}", "index.ts": "import d from './data.json';\nconst a = await d;\n"}

    assert text(files).startswith("import d from './data.json' with { type: \"json\" };\n")
    assert text(files | {"index.ts": "import d from './data.json';"}) == "import d from './data.json';"
    told = {"index.ts": "import d from './data.json' with { type: 'json' };\nawait d;"}
    assert text(files | told) == told["index.ts"]


@pytest.mark.parametrize(
    ("options", "said", "expected"),
    [
        ('"paths": {"@lib/*": ["./lib/*"]}', "@lib/a", "./lib/a.js"),
        ('"paths": {"@a": ["lib/a.ts"]}', "@a", "./lib/a.js"),
        ('"paths": {"*": ["x/*"], "@lib/*": ["y/*", "lib/*"],}', "@lib/a", "./lib/a.js"),
        ('"baseUrl": ".", // here\n', "lib/a", "./lib/a.js"),
        ('"baseUrl": "./lib", "paths": {"@/*": ["*"]}', "@/a", "./lib/a.js"),
        ('"paths": {"@lib/*": ["./lib/*"]}', "lib/a", "lib/a"),
        ('"paths": 7', "lib/a", "lib/a"),
    ],
)
def test_paths_of_a_tsconfig_are_followed(options, said, expected):
    files = {
        "tsconfig.json": f'{{ /* "all" */ "compilerOptions": {{{options}}} }}',
        "index.ts": f'import "{said}";',
        "lib/a.ts": "",
    }

    assert text(files) == f'import "{expected}";'
    assert transformed(files).transforms["index.ts"].settings == "tsconfig.json"


EXTENDED = {
    "the one above": ({"tsconfig.json": '{"extends": "./base.json"}'}, "./lib/a.js"),
    "without its ending": ({"tsconfig.json": '{"extends": "./base"}'}, "./lib/a.js"),
    "one of several": ({"tsconfig.json": '{"extends": ["./base", "./none"]}'}, "./lib/a.js"),
    "a later one of several wins": ({"tsconfig.json": '{"extends": ["./base", "./other"]}'}, "./other/a.js"),
    "its own words win": (
        {"tsconfig.json": '{"extends": "./base", "compilerOptions": {"paths": {"@/*": ["other/*"]}}}'},
        "./other/a.js",
    ),
    "one that extends itself": ({"tsconfig.json": '{"extends": "./tsconfig.json"}'}, "@/a"),
    "one of a package": ({"tsconfig.json": '{"extends": "@tsconfig/node22/tsconfig.json"}'}, "@/a"),
    "no name": ({"tsconfig.json": '{"extends": [7, {}]}'}, "@/a"),
}


@pytest.mark.parametrize(("settings", "expected"), EXTENDED.values(), ids=EXTENDED)
def test_what_a_tsconfig_extends_is_read_from_where_it_is(settings, expected):
    files = {
        "base.json": '{"compilerOptions": {"paths": {"@/*": ["lib/*"]}, "jsx": "react-jsx"}}',
        "other.json": '{"compilerOptions": {"paths": {"@/*": ["other/*"]}}}',
        "index.ts": 'import "@/a";',
        "lib/a.ts": "",
        "other/a.ts": "",
    }

    assert text(files | settings) == f'import "{expected}";'


def test_options_of_what_is_extended_reach_esbuild_as_one_text():
    options = '{"compilerOptions": {"experimentalDecorators": true, "strict": true}}'
    files = {"conf/base.json": options, "index.ts": "let a: number;"}
    extending = '{"extends": "./conf/base", "compilerOptions": {"strict": false}}'
    how = transformed(files | {"tsconfig.json": extending}).transforms["index.ts"]

    assert json.loads(how.merged) == {"compilerOptions": {"experimentalDecorators": True, "strict": False}}
    assert transformed(files | {"tsconfig.json": options}).transforms["index.ts"].merged == ""


@pytest.mark.parametrize("part", ["(", "[{", "await (", "import('", "import './a';\n", "{`${", "<", "\ud800", "f<"])
def test_hostile_text_takes_a_moment_and_keeps_its_lines(part):
    hostile = part * (256_000 // len(part))
    began = time.thread_time()

    found = text({"index.ts": hostile, "a.ts": ""})

    assert time.thread_time() - began < 5
    assert found.count("\n") == hostile.count("\n")


@given(st.dictionaries(st.from_regex(r"\A[a-c]{1,2}(/[a-c]){0,2}\.(ts|mts|cts|tsx|js|json)\Z"), st.text(), max_size=5))
def test_whatever_the_files_are_no_file_of_the_person_s_is_made_anew(files):
    found = transformed(files)
    targets = [how.target for how in found.transforms.values()]

    assert not set(targets) & set(files)
    assert len(targets) == len(set(targets))
    assert found.files.keys() == files.keys()
