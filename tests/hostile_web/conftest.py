"""The product's surroundings, as for its own tests."""

from tests.playground.conftest import *  # noqa: F403 - the same fixtures, by their names
