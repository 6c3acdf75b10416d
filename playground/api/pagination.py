"""Pagination: how many rows, from where, and the address of the next page.

Annotations are read at run time: they define parameters.
"""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from ninja import Query

from playground.infrastructure.site_address import site_address

M = TypeVar("M", bound=Model)

# To see more than that, use search.
OFFSET_MAX = 10_000

Limit = Annotated[int, Query(ge=1, le=100, description="How many at the most.")]
Offset = Annotated[int, Query(ge=0, le=OFFSET_MAX, description="How many to leave out at the beginning.")]


def piece(request: HttpRequest, rows: QuerySet[M], limit: int, offset: int) -> tuple[Sequence[M], str | None]:
    """The requested rows, and the address of the next page, or None."""
    found = list(rows[offset : offset + limit + 1])
    follows = offset + limit
    if len(found) <= limit or follows > OFFSET_MAX:
        return found[:limit], None
    query = request.GET.copy()
    query["limit"], query["offset"] = str(limit), str(follows)
    return found[:limit], site_address(request, f"{request.path}?{query.urlencode()}")
