"""What messages say, for tests about the words and for tests about the codes."""

from typing import Annotated, get_args, get_origin

from playground.experiments import stored_json
from sandbox_runner.messages import en, render_all, say
from sandbox_runner.messages.codes import CODES, Field, Inner, Who
from sandbox_runner.results.model import Observation


def sentence(judged):
    """What a verdict, a finding or a check says in English."""
    return render_all(judged.messages)


def codes(judged):
    """Their codes."""
    return tuple(each.code for each in judged.messages)


def checked(judged, oracle):
    """The codes of what an oracle looked at."""
    return next(codes(check) for check in judged.checks if check.oracle == oracle)


def seen(evidence):
    """What was seen, by the code of its condition."""
    return {each.condition.code: each.text for each in evidence.observations}


def said(text):
    """Messages that say ``text``."""
    return (say("legacy", text=text),)


def stored(text):
    """The same as a column has it."""
    return stored_json.pack_messages(said(text))


def observed(**texts):
    """What was seen after request 1 and on a cold start."""
    conditions = {
        "after": say("after-request", request=1),
        "cold": say("cold-start"),
        "held": say("held-after", request=1),
    }
    return tuple(Observation(condition=conditions[name], text=text) for name, text in texts.items())


def sample_values(kind, name):
    """A few values for a parameter, one for each thing that a template can choose by."""
    if kind == Field:
        return ["", "値"]
    if get_origin(kind) is Annotated:
        return ["", *en.WORDS[name]]
    if kind is Who:
        return [
            {"request": request, "as": named, "repeated": repeated}
            for request, named, repeated in [(0, "", False), (3, "", False), (3, "甲", False), (3, "甲", True)]
        ]
    if kind == Inner:
        return [say("state-missing").model_dump()]
    if get_origin(kind) is list:
        (one,) = get_args(kind)
        return [[], sample_values(one, name)[:1], sample_values(one, name)[:1] * 12]
    return {int: [0, 1, 1234], float: [1.5], bool: [True, False], str: ["", "値"]}.get(kind, [None, "値"])


def sample(code):
    """A message with that code, whose parameters have no word of any language."""
    return say(code, **{name: sample_values(kind, name)[-1] for name, kind in CODES[code].items()})
