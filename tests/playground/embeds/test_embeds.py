"""A run as other sites show it: the frame, the picture, oEmbed and what a link to it tells."""

import re
import struct
from html import unescape
from urllib.parse import quote

import pytest
from django.core import signing
from django.utils import timezone

from playground.embeds import picture
from playground.embeds.card import HEIGHT, LINES_MAX, WIDTH, card
from playground.embeds.svg_styles import picture_styles
from playground.experiments import browser_keys, stored_json
from playground.experiments.models import Experiment, Status, Visibility
from tests.playground.hostile_results import hostile
from tests.playground.run_results import finding, leak, timed_out
from tests.playground.stored import a_run
from tests.told import said

pytestmark = pytest.mark.django_db
SITE = "http://testserver"
HIDDEN = [Visibility.TEAM, Visibility.PRIVATE]


def stored(result=None, *, browser_key="", **fields):
    """A finished run, of incident 1 where nothing else is said; ``fields`` are its experiment's."""
    blob = stored_json.pack((result or leak()).to_json())
    run = a_run(browser_key=browser_key, status=Status.FINISHED, verdict="leak", result_blob=blob)
    Experiment.objects.filter(pk=run.revision.experiment_id).update(**fields)
    return run


def stored_by(browser, **fields):
    """The same, made by that browser."""
    browser.cookies[browser_keys.COOKIE] = signing.get_cookie_signer(salt=browser_keys.COOKIE).sign("its key")
    return stored(browser_key="its key", **fields)


def asked(browser, run, what, headers=None):
    addresses = {"embed": f"/r/{run.id}/embed", "picture": f"/r/{run.id}/preview.png"}
    if what == "oembed":
        return browser.get("/oembed", {"url": f"{SITE}/r/{run.id}"}, headers=headers)
    return browser.get(addresses[what], headers=headers)


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["embed", "picture", "oembed"])
@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.UNLISTED])
def test_what_anybody_may_open_is_shown_elsewhere(browser, what, visibility):
    assert asked(browser, stored(visibility=visibility), what).status_code == 200


@pytest.mark.parametrize("what", ["embed", "picture", "oembed"])
@pytest.mark.parametrize("visibility", HIDDEN)
def test_what_not_everybody_may_open_does_not_exist_elsewhere_even_for_its_maker(browser, what, visibility):
    run = stored_by(browser, visibility=visibility)

    assert browser.get(run.get_absolute_url()).status_code == 200
    assert asked(browser, run, what).status_code == 404


@pytest.mark.parametrize("what", ["embed", "picture", "oembed"])
def test_a_run_without_a_result_does_not_exist_elsewhere(browser, what):
    assert asked(browser, a_run(), what).status_code == 404


@pytest.mark.parametrize("what", ["embed", "picture", "oembed"])
def test_it_is_a_bounded_number_of_queries_and_no_cookie(browser, what, django_assert_max_num_queries):
    run = stored()
    # The first visit of a day is noted.
    asked(browser, run, what)

    with django_assert_max_num_queries(1):
        answer = asked(browser, run, what)

    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("what", ["embed", "picture", "oembed"])
def test_a_copy_is_asked_for_anew_and_not_shown_once_the_run_is_deleted(browser, what):
    run = stored()
    held = {"If-None-Match": asked(browser, run, what).headers["ETag"]}

    same = asked(browser, run, what, headers=held)
    Experiment.objects.update(deleted_at=timezone.now())
    gone = asked(browser, run, what, headers=held)

    assert (same.status_code, same.content) == (304, b"")
    assert gone.status_code == 404


# --- the frame ----------------------------------------------------------------------------------------------------


def policy(answer):
    return dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";") if part)


def test_only_the_frame_may_be_shown_in_one(browser):
    run = stored()
    frame, page = asked(browser, run, "embed"), browser.get(run.get_absolute_url())

    assert policy(frame)["frame-ancestors"] == "*"
    assert "X-Frame-Options" not in frame.headers
    assert policy(page)["frame-ancestors"] == "'none'"
    assert page.headers["X-Frame-Options"] == "DENY"


def test_the_frame_has_no_script_and_no_form(browser):
    answer = asked(browser, stored(), "embed")

    assert not re.search("<(script|form|input|button)", answer.text)
    assert policy(answer)["script-src"] == policy(answer)["form-action"] == "'none'"


def test_the_frame_shows_verdict_timeline_and_requests_and_links_to_the_exact_view(browser):
    run = stored()
    page = asked(browser, run, "embed").text

    assert "LEAK" in page
    assert '<svg class="timeline"' in page
    assert f'href="{SITE}/r/{run.id}#request-2" target="_blank" rel="noopener"' in page
    assert 'href="#' not in page


def test_hostile_text_in_the_frame_is_text(browser):
    page = asked(browser, stored(hostile(30)), "embed").text

    assert "<script" not in page
    assert "The first 50 requests" in page


# --- oEmbed -------------------------------------------------------------------------------------------------------


def test_oembed_answers_with_a_frame_and_a_picture(browser):
    run = stored()
    answer = asked(browser, run, "oembed").json()

    assert (answer["version"], answer["type"], answer["width"], answer["height"]) == ("1.0", "rich", 800, 420)
    assert f'src="{SITE}/r/{run.id}/embed"' in answer["html"]
    assert answer["thumbnail_url"] == f"{SITE}/r/{run.id}/preview.png"


def test_oembed_keeps_to_the_room_that_there_is(browser):
    run = stored()
    answer = browser.get("/oembed", {"url": f"{SITE}/r/{run.id}", "maxwidth": "320", "maxheight": "9999"}).json()

    assert (answer["width"], answer["height"]) == (320, 420)
    assert 'width="320"' in answer["html"]


def test_a_hostile_title_stays_inside_its_attribute(browser):
    answer = asked(browser, stored(hostile()), "oembed").json()

    assert len(re.findall("<", answer["html"])) == 2
    assert unescape(re.search(r'title="([^"]*)"', answer["html"])[1]) == answer["title"]


@pytest.mark.parametrize(
    "address",
    [
        "/r/{id}",
        "https://evil.example/r/{id}",
        "http://testserver.evil.example/r/{id}",
        "http://testserver@evil.example/r/{id}",
        "javascript://testserver/r/{id}",
        "http://testserver/gallery",
        "http://testserver/r/{id}/cancel",
        "http://[",
        "x" * 5_000,
        "\x00",
    ],
)
def test_an_address_of_no_run_here_is_none(browser, address):
    answer = browser.get("/oembed", {"url": address.format(id=stored().id) if "{id}" in address else address})

    assert answer.status_code == 404
    assert answer.json()["field"] == "url"


def test_a_missing_address_is_said(browser):
    answer = browser.get("/oembed")

    assert (answer.status_code, answer.json()["detail"]) == (400, "The address is missing; send ?url=…")


def test_another_format_is_not_there(browser):
    assert browser.get("/oembed", {"url": f"{SITE}/r/{stored().id}", "format": "xml"}).status_code == 501


@pytest.mark.parametrize("size", ["0", "-1", "199", "1e3", "a", "\u0663\u0663\u0663", "9999999"])
def test_a_size_that_is_none_is_said(browser, size):
    answer = browser.get("/oembed", {"url": f"{SITE}/r/{stored().id}", "maxwidth": size})

    assert answer.status_code == 400
    assert "whole numbers of pixels" in answer.json()["detail"]


# --- the picture --------------------------------------------------------------------------------------------------


def size_of(png):
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(leak(), id="incident 1"),
        pytest.param(timed_out(), id="a timeout"),
        pytest.param(hostile(50), id="hostile and huge"),
        pytest.param(leak(environments=(), events=()), id="no environment"),
        pytest.param(leak(verdict_messages=said("要求2は要求1の値で応答された。")), id="Japanese"),
    ],
)
def test_the_picture_is_as_large_as_a_card(result):
    assert size_of(picture.png(result)) == (WIDTH, HEIGHT)


def test_the_picture_is_drawn_once(browser, monkeypatch):
    run = stored()
    first = asked(browser, run, "picture").content
    drawn = []
    monkeypatch.setattr(picture, "png", drawn.append)

    assert asked(browser, run, "picture").content == first
    assert drawn == []


def test_a_long_sentence_is_cut_with_a_sign():
    lines = card(leak(verdict_messages=said("word " * 500))).lines

    assert len(lines) == LINES_MAX
    assert lines[-1].text.endswith("…")


def test_the_fonts_of_the_picture_are_shipped_with_their_licence():
    assert {path.suffix for path in picture.FONTS.iterdir()} == {".ttf", ""}
    assert len(list(picture.FONTS.glob("*.ttf"))) == 4
    assert "Permission is hereby granted" in (picture.FONTS / "LICENSE").read_text()


def test_text_is_drawn_where_the_machine_has_no_font(tmp_path, monkeypatch):
    blank = leak(verdict_messages=said(" "), environments=(), events=())
    monkeypatch.setattr(picture, "_needs_other_fonts", lambda _: False)

    assert len(picture.png(leak())) > 2 * len(picture.png(blank))


# --- our styles for the picture -----------------------------------------------------------------------------------


def test_custom_properties_are_their_light_colours():
    assert picture_styles(":root { --ink: light-dark(#111, #eee); }", ".a { fill: var(--ink); }") == ".a {fill: #111;}"


def test_rules_for_states_and_print_are_left_out():
    styles = ".a:hover { fill: red; }\n@media print { .b { fill: red; } }\n/* .c { } */ .d, .e:focus { fill: blue; }"

    assert picture_styles("", styles) == ".d {fill: blue;}"


def test_alternatives_are_written_out():
    assert picture_styles("", ".a:is(.b, .c) rect { x: 1 }") == ".a.b rect, .a.c rect {x: 1}"


def test_our_own_styles_leave_nothing_that_a_renderer_does_not_know():
    styles = picture._styles()

    assert not re.search(r"var\(|light-dark\(|:is\(|@", styles)
    assert ".mark-invoke.plain rect {fill: #2f66b8;}" in styles


# --- what a link tells --------------------------------------------------------------------------------------------


def told(page):
    found = re.findall(r'<meta (?:property|name)="([a-z:_]+)" content="([^"]*)"', page)
    return {name: unescape(text) for name, text in found}


def test_a_run_tells_its_verdict_and_its_picture(browser):
    run = stored()
    page = browser.get(run.get_absolute_url()).text

    assert told(page)["og:title"] == f"LEAK · Run {run.id}"
    assert told(page)["og:description"].startswith("tenant-b received tenant-a's")
    assert told(page)["og:image"] == f"{SITE}/r/{run.id}/preview.png"
    assert told(page)["twitter:card"] == "summary_large_image"
    assert f'href="{SITE}/oembed?format=json&amp;url={quote(f"{SITE}/r/{run.id}", safe="")}"' in page


def test_an_experiment_tells_its_title_and_its_newest_verdict(browser):
    run = stored(title="Shared cart", visibility=Visibility.PUBLIC)
    page = browser.get(run.revision.experiment.get_absolute_url()).text

    assert told(page)["og:title"] == "Shared cart"
    assert told(page)["og:image"] == f"{SITE}/r/{run.id}/preview.png"


def test_an_incident_tells_its_title_and_summary(browser):
    page = browser.get("/gallery/node-module-variable").text

    assert told(page)["og:title"]
    assert told(page)["twitter:card"] == "summary"


@pytest.mark.parametrize("visibility", HIDDEN)
def test_what_not_everybody_may_open_tells_nothing(browser, visibility):
    run = stored_by(browser, visibility=visibility)

    for address in (run.get_absolute_url(), run.revision.experiment.get_absolute_url()):
        assert "og:" not in browser.get(address).text


def test_a_hostile_sentence_stays_inside_its_attribute(browser):
    page = browser.get(stored(hostile()).get_absolute_url()).text

    assert "<script>alert" not in page
    assert told(page)["og:description"].startswith("Request 2 (</style>")


def test_a_finding_with_a_quote_stays_inside_its_attribute(browser):
    messages = said('a "quoted" name')
    result = leak(verdict_messages=messages, findings=(finding(messages=messages),))
    page = browser.get(stored(result).get_absolute_url()).text

    assert told(page)["og:description"] == 'a "quoted" name'
