"""What packages in node_modules hold is seen once it is other than it was after init, with package and version."""

import json

ALICE = {"who": "alice-7Qx"}
BOB = {"who": "bob-91Kz"}


def package(code, name="tinyhttp", version="1.7.2", main="index.js", **files):
    """Files of a package that is installed beside the function."""
    folder = f"node_modules/{name}"
    said = {"name": name, "version": version, "main": main}
    return {f"{folder}/{main}": code, f"{folder}/package.json": json.dumps(said)} | {
        f"{folder}/{path}.js": text for path, text in files.items()
    }


def packages(played, number):
    return {path: (name, version) for path, name, version in played.frames[number]["packages"]}


def play(play_node, code, files, *events):
    return play_node(code, *events, name="app.js", files=files)


def test_what_was_set_in_a_package_is_seen_with_its_package_and_version(play_node):
    code = "const { send } = require('tinyhttp');\nexports.handler = async (event) => send(event.who);\n"
    entry = "const state = require('./state');\nexports.send = (who) => { state.headers.Authorization = who; };\n"
    played = play(play_node, code, package(entry, state="exports.headers = { Accept: '*/*' };\n"), ALICE)
    path = "tinyhttp/state.headers.Authorization"
    assert played.leaves(1)[path] == "alice-7Qx"
    assert played.carriers(1)[path] == "tinyhttp/state.headers"
    assert packages(played, 1)["tinyhttp/state"] == ("tinyhttp", "1.7.2")


def test_a_package_s_default_headers_are_found_under_the_name_that_the_function_has_for_it(play_node):
    code = (
        "const http = require('tinyhttp');\nexports.handler = async (e) => { http.defaults.headers.token = e.who; };\n"
    )
    entry = "function http() {}\nhttp.defaults = { headers: {} };\nmodule.exports = http;\n"
    played = play(play_node, code, package(entry), ALICE)
    found = {path: played.carriers(1)[path] for path, value in played.leaves(1).items() if value == "alice-7Qx"}
    first = next(iter(found))
    assert found[first] == "app.http"
    assert any(first.startswith(at) and of == ("tinyhttp", "1.7.2") for at, of in packages(played, 1).items())


def test_what_a_package_has_from_its_start_is_nobody_s_and_not_told(play_node):
    code = "require('tinyhttp');\nexports.handler = async () => {};\n"
    entry = "exports.table = Array.from({ length: 20 }, (_, n) => ({ n }));\nexports.name = 'tiny';\n"
    played = play(play_node, code, package(entry), ALICE)
    assert not [path for path in (*played.leaves(0), *played.leaves(1)) if path.startswith("tinyhttp")]


def test_the_function_s_own_code_comes_first(play_node):
    code = "const http = require('tinyhttp');\nexports.seen = [];\nexports.handler = async (e) => {\n"
    code += "  exports.seen.push(e.who);\n  http.seen.push(e.who);\n};\n"
    played = play(play_node, code, package("exports.seen = [];\n"), ALICE)
    own, *others = [path for path, value in played.leaves(1).items() if value == "alice-7Qx"]
    assert own == "app.seen[0]"
    assert "tinyhttp.seen[0]" in others


def test_a_package_of_very_many_functions_takes_no_other_package_s_name(play_node):
    code = "const many = require('many');\nconst { put } = require('tinyhttp');\nmodule.exports.many = many;\n"
    code += "exports.handler = async (event) => put(event.who);\n"
    functions = "module.exports = Array.from({ length: 390 }, (_, n) => ({ run: () => n }));\n"
    entry = "const kept = require('./kept');\nexports.put = (who) => { kept.seen.push(who); };\n"
    files = package(functions, "many", "1.0.0") | package(entry, kept="exports.seen = [];\n")
    played = play(play_node, code, files, ALICE)
    assert played.leaves(1)["tinyhttp/kept.seen[0]"] == "alice-7Qx"
    assert packages(played, 1)["tinyhttp/kept"] == ("tinyhttp", "1.7.2")


def test_a_package_of_an_organisation_has_its_whole_name(play_node):
    code = "const http = require('@tiny/http');\nexports.handler = async (event) => { http.seen.push(event.who); };\n"
    played = play(play_node, code, package("exports.seen = [];\n", "@tiny/http", "3.0.0"), ALICE)
    assert played.leaves(1)["@tiny/http.seen[0]"] == "alice-7Qx"
    assert packages(played, 1)["@tiny/http"] == ("@tiny/http", "3.0.0")


def test_a_package_with_very_much_is_not_followed_and_cuts_nothing_of_the_function_s(play_node):
    code = "require('tinyhttp');\nlet last = 0;\nexports.handler = async (event) => { last = event.who; };\n"
    played = play(play_node, code, package("exports.big = Array.from({ length: 390 }, (_, n) => [[n]]);\n"), ALICE, BOB)
    assert "bob-91Kz" in played.leaves(2).values()
    assert not played.frames[2]["truncated"]
    assert not [path for path in played.leaves(2) if path.startswith("tinyhttp")]
