"""The types of parameters that several groups of codes share. Pure."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from typing_extensions import TypedDict

# A field of a scenario by its dotted path, which a form has its own name for.
Field: TypeAlias = Annotated[str, "field"]

# One request, by its number from 1 (0: the function's module code, in init), and on whose behalf it was made: empty
# where nobody said so. ``repeated``: others were made on the same behalf, so that the name alone does not tell.
Who = TypedDict("Who", {"request": int, "as": str, "repeated": bool})

# A message within a message.
Inner: TypeAlias = dict[str, Any]
# A value of one of the vocabularies in the catalogues, under the parameter's own name.
Word: TypeAlias = Annotated[str, "word"]
