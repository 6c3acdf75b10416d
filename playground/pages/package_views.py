"""Names of packages that begin as somebody types, for the form's field; kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from sandbox_runner.dependencies.names import NotOfferedError, beginning
from sandbox_runner.image.paths import data_dir
from sandbox_runner.runtimes.registry import PLAYED, runtime_of

if TYPE_CHECKING:
    from django.http import HttpRequest

_TYPED_MAX: Final = 100


@never_cache
@require_POST
def package_names(request: HttpRequest) -> JsonResponse:
    """The names; ``offered`` is false where the runtime's index does not tell any."""
    runtime = request.POST.get("runtime", "")
    packages = runtime_of(runtime).language.packages if runtime in PLAYED else None
    if packages is None:
        return JsonResponse({"offered": False, "names": []})
    try:
        names = beginning(packages.index, request.POST.get("typed", "")[:_TYPED_MAX], data_dir() / "names")
    except NotOfferedError:
        return JsonResponse({"offered": False, "names": []})
    return JsonResponse({"offered": True, "names": names})
