"""Every stream is a descriptor, and pages need some too."""

import resource

import pytest

from playground.infrastructure import descriptors
from playground.run_page import live

INFINITY = resource.RLIM_INFINITY
LIMITS = {
    "a shell's usual limit is raised": (1024, 4096, 2000, 2000),
    "but not over what may be": (1024, 1500, 2000, 1500),
    "where nothing bounds it, to what is wanted": (1024, INFINITY, 2000, 2000),
    "a higher one stays": (4096, 4096, 2000, 4096),
    "none stays none": (INFINITY, INFINITY, 2000, INFINITY),
}


@pytest.mark.parametrize(("soft", "hard", "wanted", "becomes"), LIMITS.values(), ids=LIMITS.keys())
def test_the_limit_is_raised_as_far_as_it_may(soft, hard, wanted, becomes):
    assert descriptors.raised(soft, hard, wanted) == becomes


@pytest.fixture
def few_descriptors():
    """Room for pages, and for no stream."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors.KEPT, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_no_stream_takes_a_descriptor_that_pages_need(few_descriptors):
    assert live.refusal("1.2.3.4").status == 503
