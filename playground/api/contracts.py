"""The JSON Schemas of scenarios and results.

Annotations are read at run time: they define the parameters.
"""

from typing import Any, Final

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel

from playground.api.error_handlers import none_such
from playground.api.schemas import responses
from sandbox_runner.results.model import RunResult
from sandbox_runner.scenario.model import Scenario

router = Router(tags=["schemas"], by_alias=True)

_SCHEMAS: Final[dict[str, type[BaseModel]]] = {"scenario": Scenario, "result": RunResult}


@router.get("schemas/{slug:name}", response=responses({200: dict[str, Any]}, 404), url_name="api-schema")
def read_schema(request: HttpRequest, name: str) -> dict[str, Any]:  # noqa: ARG001 - the door's signature
    """The JSON Schema of `scenario` or `result`."""
    if name not in _SCHEMAS:
        raise none_such(f"schema; there are {' and '.join(_SCHEMAS)}")
    return _SCHEMAS[name].model_json_schema()
