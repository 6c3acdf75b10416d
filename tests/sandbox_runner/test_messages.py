"""What is said is a closed list of codes, each with its parameters and a sentence in every language."""

import ast
import re
from itertools import combinations, product
from math import prod
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.messages import LANGUAGES, Message, cut, en, ja, language_of, render, render_all, say, word
from sandbox_runner.messages.codes import CODES, KINDS
from sandbox_runner.messages.parameter_types import Word
from tests.architecture.project import sources, tree
from tests.strategies import messages
from tests.told import sample_values

WAYS_MAX = 3_000
CATALOGUES = {"en": en, "ja": ja}
# Names that are Latin in Japanese too.
NAMES = re.compile(
    r"\b(?:ID|ZIP|SHA-(?:1|256|512)|MD5|Base64(?:url)?|URL|HTML|JSON|YAML|UTF-8|NUL|MB|KB|Lambda|NaN|Infinity|200ms"
    r"|bootstrap|Docker|Linux|IPC|CPU|seccomp|uid|gid|root|tmpfs|cpu: proportional|dev/shm|tmp|CR"
    r"|Runtime\.InvalidEntrypoint"
    r"|CloudWatch(?: Logs)?|Cognito|DynamoDB(?: Streams)?|EventBridge(?: Scheduler)?|Firehose|IAM|Kinesis|KMS|S3"
    r"|Secrets Manager|SES|SNS|SQS|SSM|Step Functions|STS"
    r"|AWS|boto3|sqs\.create_queue|create_table"
    r"|app\.(?:handler|py)|lib/helper\.py|\./src|\{payload: …, as: tenant-a\}|invoke: \{payload: \{\}\})"
    r"|\./src|\{payload: …, as: tenant-a\}|--fail-on|\{services: auto\}"
    r"|emitDecoratorMetadata|esbuild|SAM|CDK|tsc|CommonJS|package\.json|`\"type\": \"module\"`"
    r"|`files`|`sha256`|`bytes`|`require`|`await import\(\)`|\.mts|\.mjs|ES モジュール"
    r"|arn:aws:(?:kinesis|dynamodb):us-east-1:123456789012:[\w/:.-]+|kinesis\.create_stream|dynamodb\.create_table"
    r"|StreamSpecification"
    r"|ARN|arn:aws:sqs:us-east-1:123456789012:(?:jobs|dead)|VisibilityTimeout|MaximumBatchingWindowInSeconds"
    # Lambda's own words, as it says them to whoever deploys.
    r"|“(?:Request|Unzipped size) must be smaller than -?\d+ bytes(?: for the CreateFunction operation)?”"
)


def fields(template):
    """The names of a template's fields, and of those in what they choose from."""
    for _, name, spec, _ in Formatter().parse(template):
        if name is not None:
            yield name, spec
            yield from fields(spec or "")


def told(code, language):
    """Every way to say it; of very many, those in which two parameters differ from the first or the last."""
    wanted = CODES[code]
    values = [sample_values(kind, name) for name, kind in wanted.items()]
    for chosen in product(*values) if prod(map(len, values)) <= WAYS_MAX else by_twos(values):
        yield render(say(code, **dict(zip(wanted, chosen, strict=True))), language)


def by_twos(values):
    """All pairs of values of any two parameters, beside the first and beside the last values of the others."""
    for end in (0, -1):
        for one, other in combinations(range(len(values)), 2):
            pairs = (values[at] if at in (one, other) else [values[at][end]] for at in range(len(values)))
            yield from product(*pairs)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_its_sentence_and_no_sentence_is_without_a_code(language):
    assert CATALOGUES[language].TEMPLATES.keys() == CODES.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_template_names_parameters_of_its_code_only(language):
    unknown = {
        code: names
        for code, template in CATALOGUES[language].TEMPLATES.items()
        if (names := {name for name, _ in fields(template)} - CODES[code].keys())
    }
    assert unknown == {}


def test_every_vocabulary_has_the_same_words_in_every_language():
    assert {name: words.keys() for name, words in en.WORDS.items()} == {
        name: words.keys() for name, words in ja.WORDS.items()
    }


def test_every_word_of_a_message_is_of_a_vocabulary():
    names = {name for wanted in CODES.values() for name, kind in wanted.items() if kind == Word}
    assert names <= en.WORDS.keys()


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_said_whatever_its_parameters_are(language, code):
    unread = re.compile("|".join(rf"\{{{name}[:}}]" for name in CODES[code]) or "^$")
    assert [each for each in told(code, language) if unread.search(each)] == []


def test_no_english_is_left_in_japanese():
    found = {each for code in CODES for each in told(code, "ja") if re.search("[A-Za-z]{2,}", NAMES.sub("", each))}
    found |= {
        each for words in ja.WORDS.values() for each in words.values() if re.search("[A-Za-z]{2,}", NAMES.sub("", each))
    }
    assert found == set()


def test_no_japanese_is_left_in_english():
    words = (each for vocabulary in en.WORDS.values() for each in vocabulary.values())
    assert [each for each in (*en.TEMPLATES.values(), *words) if re.search("[\u3040-\u30ff\u4e00-\u9fff]", each)] == []


def spoken(code):
    """The codes that an expression may be; none where it is a name for one."""
    if isinstance(code, ast.IfExp):
        return [*spoken(code.body), *spoken(code.orelse)]
    return [code] if isinstance(code, ast.Constant) else []


def test_what_is_said_anywhere_is_in_the_registry_with_exactly_its_parameters():
    wrong = []
    for name in sources("sandbox_runner", "playground", "holdover_client"):
        for call in ast.walk(tree(name)):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "say" and call.args:
                codes = [each.value for each in spoken(call.args[0])]
                given = {each.arg for each in call.keywords}
                if None in given:
                    continue
                wrong += [(name, code, given) for code in codes if CODES.get(code, {}).keys() != given]
    assert wrong == []


# --- messages -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "params"),
    [
        pytest.param("no-such-code", {}, id="a code that is not in the registry"),
        pytest.param("not-compared", {}, id="a parameter is missing"),
        pytest.param("state-missing", {"why": "x"}, id="a parameter too many"),
        pytest.param("not-compared", {"requests": "2, 3"}, id="a parameter of another type"),
        pytest.param("more-findings", {"more": True}, id="a truth in the place of a number"),
    ],
)
def test_a_message_is_one_of_the_registry_or_none(code, params):
    with pytest.raises(ValueError, match=code):
        Message(code=code, params=params)


@given(messages(*CODES))
def test_a_message_survives_json_and_can_be_said(message):
    assert Message.model_validate_json(message.model_dump_json()) == message
    assert all(isinstance(render(message, language), str) for language in LANGUAGES)


@given(st.text(max_size=40))
def test_a_text_of_a_users_is_never_read_as_a_template(text):
    assert render(say("legacy", text=text)) == text
    held = say("carried-by", place=text, file="", line=0, role="")
    assert render(held) == f"Carried by `{text}`."


def test_a_text_of_a_users_is_cut():
    assert cut("x" * 81) == "x" * 80 + "…"
    assert cut("x" * 80) == "x" * 80


def test_one_package_is_not_several():
    said = [render(say("packages-are-installed", packages=count), "en") for count in (1, 2)]
    assert said == ["Installing 1 package.", "Installing 2 packages."]


def test_messages_follow_each_other_as_sentences():
    said = [say("not-replayed"), say("more-findings", more=2)]
    assert render_all(said) == "No leak was seen, but nothing was replayed to make sure. 2 more findings."


def test_a_name_that_several_requests_share_comes_with_the_number():
    who = {"request": 4, "as": "tenant-b", "repeated": True}
    assert render(say("gone-when-changed", writer=who)) == (
        "When tenant-b (request 4) sent something else, it disappeared."
    )


def test_a_word_that_no_vocabulary_has_is_shown_as_it_is():
    assert word("outcome", "of-a-later-version", "ja") == "of-a-later-version"


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("ja", "ja"),
        ("ja_JP.UTF-8", "ja"),
        ("ja-JP", "ja"),
        ("en_US.UTF-8", "en"),
        ("C", "en"),
        ("", "en"),
        ("fr", "en"),
    ],
)
def test_the_language_is_the_one_that_was_asked_for_as_far_as_there_is_one(tag, language):
    assert language_of(tag) == language


def test_the_kinds_of_messages_are_known():
    assert {code for codes in KINDS.values() for code in codes} | {"legacy"} == CODES.keys()
