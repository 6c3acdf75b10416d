"""What the environment configures."""

import re
import stat

import pytest
import yaml
from uvicorn.middleware.proxy_headers import _TrustedHosts

from playground.config.environment import CHECKOUT, LOOPBACK_HOSTS, celery_url, read


@pytest.fixture
def environ(tmp_path):
    return {"HOLDOVER_DATA": str(tmp_path / "data")}


def test_nothing_configured_is_one_person_on_one_machine(environ, tmp_path):
    found = read(environ)

    assert found.database_url == f"sqlite:///{tmp_path / 'data' / 'holdover.sqlite3'}"
    assert found.redis_url == f"unix://{tmp_path / 'data' / 'broker.sock'}"
    assert (found.allowed_hosts, found.production) == (LOOPBACK_HOSTS, False)


def test_a_secret_is_made_once_and_only_its_owner_reads_it(environ, tmp_path):
    first, second = read(environ), read(environ)

    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 50
    assert stat.S_IMODE((tmp_path / "data" / "secret-key").stat().st_mode) == 0o600


def test_two_data_directories_have_two_secrets(environ, tmp_path):
    assert read(environ).secret_key != read({"HOLDOVER_DATA": str(tmp_path / "other")}).secret_key


def test_production_makes_up_no_secret_and_no_hosts(environ, tmp_path):
    found = read(environ | {"HOLDOVER_PRODUCTION": "1"})

    assert (found.secret_key, found.allowed_hosts) == ("", ())
    assert not (tmp_path / "data" / "secret-key").exists()


def test_the_databases_own_name_goes_before_the_platforms(environ):
    both = environ | {"HOLDOVER_DATABASE_URL": "postgres://ours/x", "DATABASE_URL": "postgres://theirs/x"}

    assert read(both).database_url == "postgres://ours/x"


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "NaN"])
def test_a_number_that_is_none_is_refused_by_its_name(environ, text):
    with pytest.raises(SystemExit, match=r"HOLDOVER_QUEUE_MAX is .* whole number of at least 1"):
        read(environ | {"HOLDOVER_QUEUE_MAX": text})


def test_hosts_are_listed_with_commas(environ):
    assert read(environ | {"HOLDOVER_ALLOWED_HOSTS": "a.example, b.example,"}).allowed_hosts == (
        "a.example",
        "b.example",
    )


URLS = {
    "a server": ("redis://:x@redis:6379/0", "redis://:x@redis:6379/0"),
    "a socket": ("unix:///a/b.sock", "redis+socket:///a/b.sock"),
    "a socket and a database": ("unix:///a/b.sock?db=3", "redis+socket:///a/b.sock?virtual_host=3"),
}


@pytest.mark.parametrize(("ours", "celerys"), URLS.values(), ids=URLS.keys())
def test_celery_is_told_of_the_same_broker(ours, celerys):
    assert celery_url(ours) == celerys


def composed():
    return yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())["services"]


def test_composes_web_process_believes_its_own_proxy_and_nobody_else_until_one_is_named():
    services = composed()
    unset = re.compile(r"\$\{\w+:-(.*?)\}")

    (named,) = re.findall(r'--forwarded-allow-ips "(.*?)"', unset.sub(r"\1", services["web"]["command"]))

    believed = _TrustedHosts(named)
    assert unset.sub(r"\1", services["proxy"]["networks"]["front"]["ipv4_address"]) in believed
    assert "10.213.77.1" not in believed
    assert not any(host in believed for host in ("127.0.0.1", "172.18.0.1", "192.168.1.7", "10.0.0.1", "203.0.113.9"))


@pytest.mark.parametrize("service", composed())
def test_each_of_composes_services_is_bounded_and_without_privileges(service):
    made = composed()[service]

    assert made["cap_drop"] == ["ALL"]
    assert made["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit"} <= set(made)
    assert {"max-size", "max-file"} <= set(made["logging"]["options"])
    # Images of this project say USER themselves.
    assert made.get("build") or made["user"]


def test_a_server_is_not_well_for_compose_while_it_initialises_itself():
    checked = {name: made["healthcheck"]["test"] for name, made in composed().items() if "healthcheck" in made}

    # Not by the socket, where PostgreSQL answers while its first start is not over.
    assert "--host 127.0.0.1" in checked["postgres"][-1]
    assert "/healthz" in checked["web"][-1]
