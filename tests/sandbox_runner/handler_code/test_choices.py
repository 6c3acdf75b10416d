"""The other values of a fixed set that stands in the code."""

import pytest

from sandbox_runner.handler_code.choices import other_choices

PYTHON = """\
OFFSETS = {"Pacific/Chatham": 765, "America/St_Johns": -210}
PLANS = ("free", "team", f"x{1}")
name = "alone"
"""
NODE = """\
const catalogue = { en: { hello: "Hello" }, "gsw-CH": { hello: "Grüezi" } };
const zones = new Set(["utc", "local"]);
"""


@pytest.mark.parametrize(
    ("value", "others"),
    [
        ("Pacific/Chatham", ("America/St_Johns",)),
        ("free", ("team",)),
        ("alone", ()),
        ("gsw-CH", ("en",)),
        ("en", ("gsw-CH",)),
        ("utc", ("local",)),
        ("Hello", ()),
        ("nowhere", ()),
    ],
)
def test_the_others_are_those_beside_it(value, others):
    assert other_choices({"app.py": PYTHON, "app.mjs": NODE, "app.txt": PYTHON}, value) == others
