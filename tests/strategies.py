"""Any value of a contract's model, for properties over all of them."""

import types
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel

from sandbox_runner.messages import Message, say
from sandbox_runner.messages.codes import CODES, LEGACY, Inner, Who

INTEGERS = st.integers(-(2**53), 2**53)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
PLAIN = {
    int: INTEGERS,
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: TEXTS,
    bool: st.booleans(),
    type(None): st.none(),
    # JSON of somebody else's shape.
    Any: st.recursive(
        st.none() | st.booleans() | INTEGERS | TEXTS, lambda part: st.lists(part, max_size=2), max_leaves=3
    ),
}


def models(kind, **chosen):
    """Strategy for models of class ``kind``; ``chosen`` gives fields a strategy of their own."""
    fields = {
        name: values(field.annotation) for name, field in kind.model_fields.items() if name not in chosen
    } | chosen
    names = {name: field.alias or name for name, field in kind.model_fields.items()}
    return st.fixed_dictionaries(fields).map(lambda drawn: kind(**{names[name]: drawn[name] for name in drawn}))


def messages(*codes):
    """Strategy for messages with one of these codes."""
    return st.sampled_from(codes).flatmap(
        lambda code: st.fixed_dictionaries({name: parameters(kind) for name, kind in CODES[code].items()}).map(
            lambda params: say(code, **params)
        )
    )


def parameters(kind):
    """Strategy for what a message's parameter of that type may be."""
    if kind is Who:
        return st.fixed_dictionaries({"request": st.integers(0, 99), "as": TEXTS, "repeated": st.booleans()})
    if kind == Inner:
        return messages(LEGACY).map(lambda message: message.model_dump(mode="json"))
    if get_origin(kind) is list:
        return st.lists(parameters(get_args(kind)[0]), max_size=12)
    return TEXTS if get_origin(kind) is Annotated else values(kind)


def values(annotation):
    """Strategy for values that ``annotation`` allows."""
    origin = get_origin(annotation)
    if origin is not None:
        return COMPOSED[origin](get_args(annotation))
    if annotation in PLAIN:
        return PLAIN[annotation]
    if annotation is Message:
        return messages(LEGACY)
    if issubclass(annotation, BaseModel):
        return models(annotation)
    assert issubclass(annotation, Enum), annotation
    return st.sampled_from(annotation)


COMPOSED = {
    Annotated: lambda parts: messages(*parts[1].codes),
    Union: lambda parts: st.one_of(*map(values, parts)),
    types.UnionType: lambda parts: st.one_of(*map(values, parts)),
    Literal: st.sampled_from,
    tuple: lambda parts: st.lists(values(parts[0]), max_size=2).map(tuple),
    dict: lambda parts: st.dictionaries(values(parts[0]), values(parts[1]), max_size=2),
}
