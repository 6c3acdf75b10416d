"""How JavaScript and TypeScript are read: the kinds of their syntax nodes. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language as Syntax

from sandbox_runner.runtimes.model import Grammar

JAVASCRIPT: Final = Grammar(
    language=Syntax(tree_sitter_javascript.language()),
    text=frozenset({"string_fragment"}),
    number=frozenset({"number"}),
    name=frozenset({"identifier", "shorthand_property_identifier_pattern", "private_property_identifier"}),
    function=frozenset(
        {"function_declaration", "function_expression", "arrow_function", "method_definition", "generator_function"}
    ),
    parameters=frozenset({"formal_parameters"}),
    assignment=frozenset({"assignment_expression", "augmented_assignment_expression"}),
    declaration=frozenset({"variable_declarator", "function_declaration", "class_declaration"}),
    update=frozenset({"update_expression", "unary_expression"}),
    member=frozenset({"member_expression", "subscript_expression"}),
    call="call_expression",
)

TYPESCRIPT: Final = replace(
    JAVASCRIPT,
    language=Syntax(tree_sitter_typescript.language_typescript()),
    name=JAVASCRIPT.name | {"type_identifier"},
    declaration=JAVASCRIPT.declaration | {"abstract_class_declaration", "enum_declaration"},
    around=frozenset(
        {
            "as_expression",
            "non_null_expression",
            "parenthesized_expression",
            "satisfies_expression",
            "type_assertion",
        }
    ),
)
TSX: Final = replace(TYPESCRIPT, language=Syntax(tree_sitter_typescript.language_tsx()))
