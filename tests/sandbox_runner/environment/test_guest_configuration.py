"""The first message to a guest: what is transformed, and what goes as it is."""

import base64
import json

from sandbox_runner.environment.guest_configuration import configuration
from sandbox_runner.scenario.model import Function


async def configured(runtime, files, attached=None):
    written = {path: base64.b64encode(data).decode() for path, data in (attached or {}).items()}
    function = Function(runtime=runtime, handler="index.handler", files=files, attached_files=written)
    message = await configuration(function, stream="s", initialization="on-demand")
    return json.loads(message.body), message.transforms


async def test_what_is_transformed_is_named_beside_the_files():
    body, transforms = await configured("nodejs24.x", {"index.ts": "import './a'", "a.ts": "", "b.json": "{}"})

    assert body == {"index.ts": "import './a.js'", "a.ts": "", "b.json": "{}"}
    assert transforms["index.ts"] == {
        "target": "index.js",
        "loader": "ts",
        "kind": "cjs",
        "settings": "",
        "merged": "",
    }
    assert transforms.keys() == {"index.ts", "a.ts"}


async def test_a_file_that_is_attached_is_transformed_where_it_is_text():
    attached = {"a.ts": b"export const a = 1", "b.ts": b"\xff\xfe", "c.png": b"\x89PNG"}
    body, transforms = await configured("nodejs24.x", {"index.ts": "import './a'"}, attached)

    assert transforms.keys() == {"index.ts", "a.ts"}
    assert body["a.ts"] == "export const a = 1"
    assert {path for path in body if isinstance(body[path], dict)} == {"b.ts", "c.png"}


async def test_settings_that_are_attached_count_as_those_that_are_shown():
    attached = {
        "tsconfig.json": b'{"extends": "./tsconfig.base.json"}',
        "tsconfig.base.json": b'{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
        "package.json": b'{"type": "module"}',
        "src/a.ts": b"export const a = 1",
    }
    body, transforms = await configured("nodejs24.x", {"index.ts": "import { a } from '@/a'"}, attached)

    assert body["index.ts"] == "import { a } from './src/a.js'"
    assert transforms["index.ts"]["kind"] == "esm"


async def test_another_language_transforms_nothing():
    body, transforms = await configured("python3.13", {"index.py": "x = 1", "a.ts": "let a: string"})

    assert (body, transforms) == ({"index.py": "x = 1", "a.ts": "let a: string"}, {})
