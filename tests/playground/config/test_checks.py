"""What a start must not go past."""

from dataclasses import replace

import pytest

from playground.config.checks import problems, refuse_to_start_unsafely
from playground.config.environment import read


@pytest.fixture
def production(tmp_path):
    """A production configuration with nothing to complain about."""
    return read(
        {
            "HOLDOVER_DATA": str(tmp_path),
            "HOLDOVER_PRODUCTION": "1",
            "HOLDOVER_SECRET_KEY": "x" * 50,
            "HOLDOVER_ALLOWED_HOSTS": "holdover.example",
            "HOLDOVER_TRUSTED_ORIGINS": "https://holdover.example",
            "HOLDOVER_HTTPS": "1",
            "HOLDOVER_BACKEND": "docker",
        }
    )


WRONG = {
    "no secret": ({"secret_key": ""}, "HOLDOVER_SECRET_KEY must be too"),
    "a short secret": ({"secret_key": "changeme"}, "shorter than 32 characters"),
    "no hosts": ({"allowed_hosts": ()}, "must name the hosts"),
    "any host": ({"allowed_hosts": ("*",)}, "must name each host"),
    "any host of a domain": ({"allowed_hosts": (".example.org",)}, "must name each host"),
    "no HTTPS": ({"behind_https": False}, "Production needs a proxy with TLS"),
    "links to nowhere": ({"trusted_origins": ()}, "links in e-mails and answers begin with it"),
    "any proxy": ({"trusted_proxies": ("*",)}, "must name the proxies"),
    "a network of everybody": ({"trusted_proxies": ("10.0.0.1", "0.0.0.0/0")}, "must name the proxies"),
    "the namespace sandbox": ({"backend": "namespace"}, "production needs HOLDOVER_BACKEND=docker"),
}


@pytest.mark.parametrize(("change", "words"), WRONG.values(), ids=WRONG.keys())
def test_production_lacks_one_thing_and_says_so_in_one_sentence(production, change, words):
    (problem,) = problems(replace(production, **change))

    assert words in problem.msg
    assert problem.msg.count(". ") == 0


def test_a_complete_production_configuration_starts(production):
    assert problems(production) == []


def test_production_is_tried_on_one_machine_without_https(production):
    assert problems(replace(production, behind_https=False, allowed_hosts=("127.0.0.1", "localhost"))) == []


def test_one_person_on_one_machine_needs_none_of_it(production):
    assert problems(replace(production, production=False, secret_key="", allowed_hosts=())) == []


def test_the_start_ends_with_the_sentences(configure):
    configure(production=True, secret_key="", allowed_hosts=("a",))

    with pytest.raises(SystemExit, match="HOLDOVER_SECRET_KEY"):
        refuse_to_start_unsafely()
