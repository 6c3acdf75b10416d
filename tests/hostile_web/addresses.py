"""Every address of the product, taken from its resolver, and what stands for each parameter: a new one is walked."""

import re
from dataclasses import dataclass

from django.urls import URLPattern, get_resolver

from tests.playground.pages.walk_world import PARAMETERS


@dataclass(frozen=True)
class Address:
    """``route`` has its parameters in braces: ``/x/{experiment_id}/edit``."""

    name: str
    route: str

    @property
    def parameters(self):
        return re.findall(r"\{(\w+)\}", self.route)

    @property
    def is_api(self):
        return self.route.startswith("/api/")

    @property
    def is_admin(self):
        return self.route.startswith("/admin/")

    def of(self, world, kept):
        """The address with one experiment's values in it."""
        return self.route.format(**{name: PARAMETERS[name](world, kept) for name in self.parameters})

    def of_nothing(self):
        """The same with values that name nothing."""
        return self.route.format(**dict.fromkeys(self.parameters, "1"))


def _walked(resolver, prefix, namespace):
    for one in resolver.url_patterns:
        route = prefix + _readable(str(one.pattern))
        if isinstance(one, URLPattern):
            yield Address(namespace + (one.name or ""), "/" + route)
        else:
            yield from _walked(one, route, namespace + (f"{one.namespace}:" if one.namespace else ""))


def _readable(pattern):
    """A path's or an expression's parameters in one way of writing."""
    named = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^)]*\))*\)", r"{\1}", pattern)
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", named).removeprefix("^").removesuffix("$")


ADDRESSES = sorted(set(_walked(get_resolver(), "", "")), key=lambda one: (one.route, one.name))
OURS = [one for one in ADDRESSES if not one.is_admin]
