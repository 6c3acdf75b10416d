"""The line by which data got into a place that none writes to by its own name; nothing where none is certain."""

from __future__ import annotations

import pytest

from sandbox_runner.events.records import StateLeaf
from sandbox_runner.handler_code.source_lines import lines_of

PYTHON, NODE = "python-module", "node-module"

SHALLOW = """\
OPTIONS = {"paper": {"size": "A4"}, "ink": {"colour": None}}
def merged(wishes):
    own = {PYTHON_COPY}
    own["paper"] = wishes
    for part, values in wishes.items():
        own[part].update(values)
    return own
"""
NODE_SHALLOW = """\
const OPTIONS = { paper: { size: 'A4' }, ink: { colour: null } };
exports.merged = (wishes) => {
  const own = NODE_COPY;
  own.paper = wishes;
  for (const [part, values] of Object.entries(wishes)) Object.assign(own[part], values);
  return own;
};
"""
INK = "OPTIONS['ink']['colour']"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *(
            (SHALLOW.replace("{PYTHON_COPY}", made), [6])
            for made in ("OPTIONS.copy()", "dict(OPTIONS)", "{**OPTIONS}", "copy.copy(OPTIONS)", "OPTIONS")
        ),
        (SHALLOW.replace("{PYTHON_COPY}", "copy.deepcopy(OPTIONS)"), []),
        (SHALLOW.replace("{PYTHON_COPY}", "json.loads(json.dumps(OPTIONS))"), []),
    ],
)
def test_what_a_shallow_copy_shares_is_written_through_it_in_python(code, expected):
    leaf = StateLeaf(root=PYTHON, carrier="app.OPTIONS", path=f"app.{INK}", kind="str", value="green-7")
    assert written({"app.py": code}, leaf) == expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        *((each, [5]) for each in ("{ ...OPTIONS }", "Object.assign({}, OPTIONS)", "OPTIONS")),
        *((each, []) for each in ("structuredClone(OPTIONS)", "JSON.parse(JSON.stringify(OPTIONS))")),
    ],
)
def test_what_a_shallow_copy_shares_is_written_through_it_in_node(made, expected):
    leaf = StateLeaf(root=NODE, carrier="app.OPTIONS", path="app.OPTIONS.ink.colour", kind="string", value="green-7")
    assert written({"app.js": NODE_SHALLOW.replace("NODE_COPY", made)}, leaf) == expected


# A library's object: how it is made, what the handler does with it, the path within, and the lines that are said.
PYTHON_METHODS = [
    ("a method that is given data", "Parser()", ["book.read_dict(event)", "book.get('a')"], [3]),
    ("a parser's own state", "OptionParser()", ["found = book.parse_args(event['words'])"], [3]),
    ("a note on an exception", "Problem('x')", ["book.add_note(event['who'])", "raise book"], [3]),
    ("rows of a database", "connect(':memory:')", ["book.executemany('INSERT INTO t VALUES (?)', event)"], [3]),
    (
        "rows that are looked for as well",
        "connect(':memory:')",
        ["book.execute('select n from t where n = ?', event)", "book.execute('insert into t values (?)', event)"],
        [4],
    ),
    ("two that may have been it", "Parser()", ["book.read_dict(event)", "book.load(event)"], []),
    ("only what asks", "Parser()", ["book.get(event)", "book.find_by(event)", "book.has(event)"], []),
    ("only what is constant", "Parser()", ["book.load('constants')", "book.reset()"], []),
    ("what went where nothing is followed", "Parser()", ["book.load(event)", "library.fill(book)"], []),
    ("what went into something else", "Parser()", ["book.load(event)", "other.book = book"], []),
    ("a digest that goes on", "sha256()", ["book.update(event)", "return book.hexdigest()"], [3]),
    ("a decoder that goes on", "Decoder()", ["return book.decode(event)"], [3]),
    ("a writer that was made around it", "StringIO()", ["pen = csv.writer(book)", "pen.writerow(event)"], [4]),
    ("another's method of the name", "Parser()", ["shelf.load(event)"], []),
    ("a text that is run as code", "Parser()", ["book.load(event)", "eval(event['code'])"], []),
    ("a name that stands for two", "Parser()", ["it = book", "it = Other()", "it.load(event)"], []),
    ("a function that is decorated", "Parser()", ["book.load(event)", "fill(book)", "@wrap", "def fill(it): it.x"], []),
    ("code that is run with it", "{}", ["exec(event['code'], book)"], [3]),
]


@pytest.mark.parametrize(
    ("made", "body", "expected"), [row[1:] for row in PYTHON_METHODS], ids=[row[0] for row in PYTHON_METHODS]
)
def test_a_librarys_object_is_written_by_the_one_method_that_is_given_data_in_python(made, body, expected):
    code = f"book = {made}\ndef handler(event, context):\n" + "".join(f"    {line}\n" for line in body)
    leaf = StateLeaf(root=PYTHON, carrier="app.book", path="app.book._inside[0]", kind="str", value="ann-55")
    assert written({"app.py": code}, leaf) == expected


NODE_METHODS = [
    ("a method that is given data", "new AbortController()", ["book.abort(event.why);"], [3]),
    ("a part that is taken out", "new AbortController()", ["const { signal } = book;", "book.abort(event.why);"], [4]),
    ("two that may have been it", "new Book()", ["book.load(event);", "book.import(event);"], []),
    ("only what asks", "new Book()", ["book.getAll(event);", "book.hasOne(event);"], []),
    ("what went where nothing is followed", "new Book()", ["book.load(event);", "fill(book);"], []),
    ("a proxy of it", "new Book()", ["const view = new Proxy(book, traps);", "view.load(event);"], []),
    ("a text that is run as code", "new Book()", ["book.load(event);", "new Function(event.code)();"], []),
    (
        "a name that is another's in a block",
        "new Book()",
        ["let it = book;", "{ let it = other; it.load(event); }"],
        [],
    ),
    ("code that is run in it", "vm.createContext({})", ["vm.runInContext(`${event.name} = 1`, book);"], [3]),
    (
        "code that is run in it and assigns",
        "vm.createContext({})",
        ["vm.runInContext(event.log, book);", "vm.runInContext(`${event.at} = ${event.what}`, book);"],
        [4],
    ),
]


@pytest.mark.parametrize(
    ("made", "body", "expected"), [row[1:] for row in NODE_METHODS], ids=[row[0] for row in NODE_METHODS]
)
def test_a_librarys_object_is_written_by_the_one_method_that_is_given_data_in_node(made, body, expected):
    code = (
        f"const book = {made};\nexports.handler = async (event) => {{\n"
        + "".join(f"  {line}\n" for line in body)
        + "};\n"
    )
    path = "app.book.#signal[Symbol(kReason)]" if "signal" in code else "app.book[Symbol(state)].inside"
    leaf = StateLeaf(root=NODE, carrier="app.book", path=path, kind="string", value="ann-55")
    assert written({"app.js": code}, leaf) == expected


PLATFORM = """\
let page;
const front = () => (page ??= new Response('<p>Boats</p>', { headers: { vary: 'cookie' } }));
const mark = (answer, crumbs) => {
  for (const crumb of crumbs) answer.headers.append('set-cookie', crumb);
};
exports.handler = async (event) => mark((event.front ? front : other)(), event.crumbs);
"""


def test_what_a_platforms_object_keeps_inside_came_by_the_attribute_it_is_named_after():
    leaf = StateLeaf(
        root=NODE,
        carrier="app.page",
        path="app.handler.[[module]].page[Symbol(state)].headersList.cookies[0]",
        kind="string",
        value="sid=ann-55",
    )
    assert written({"app.js": PLATFORM}, leaf) == [4]
    two = PLATFORM + "const more = (reply, event) => reply.headers.append('vary', event.vary);\n"
    assert written({"app.js": two}, leaf) == []


PYTHON_POOL = """\
class Line:
    def __init__(self):
        self.options = {}
    def tell(self, name, value):
        self.options[name] = value
class Lines:
    def __init__(self):
        self.free = []
    def give_back(self, line):
        self.free.append(line)
lines = Lines()
"""
NODE_POOL = """\
class Line {
  options = new Map();
  tell(name, value) {
    this.options.set(name, value);
  }
}
class Lines {
  #free = [];
  giveBack(line) {
    this.#free.push(line);
  }
}
exports.lines = new Lines();
"""


@pytest.mark.parametrize(
    ("file", "code", "path", "expected"),
    [
        ("app.py", PYTHON_POOL, "app.lines.free[0].options['tenant']", 5),
        ("app.js", NODE_POOL, "app.lines.#free[0].options.get('tenant')", 4),
        # Another writes to an attribute of that name, too.
        ("app.py", PYTHON_POOL + "def h(e, c):\n    e.options = c\n", "app.lines.free[0].options['tenant']", 10),
        ("app.js", NODE_POOL + "const h = (e, c) => { e.options = c; };\n", "app.lines.#free[0].options.get('t')", 10),
        ("app.js", NODE_POOL + "const h = (c) => ({ options: c });\n", "app.lines.#free[0].options.get('t')", 10),
        # It came with it.
        ("app.py", PYTHON_POOL, "app.lines.free[0].name", 10),
    ],
)
def test_what_an_item_was_given_later_came_by_what_its_own_class_did(file, code, path, expected):
    root = PYTHON if file.endswith(".py") else NODE
    leaf = StateLeaf(root=root, carrier="app.lines", path=path, kind="str", value="ann-55")
    assert written({file: code}, leaf) == [expected]


FILE_BY_PARAMETER = {
    "app.py": """\
from pathlib import Path
FOLDER = Path("/tmp/out")
def fill(title, sheet):
    text = title * 2
    sheet.write_text(text)
def handler(event, context):
    place = FOLDER / "sheet.txt"
    fill(event["title"], place)
    return place.read_text()
""",
}
NODE_FILE_BY_PARAMETER = {
    "app.js": """\
const fs = require('node:fs');
const fill = (title, sheet) => {
  fs.writeFileSync(sheet, title);
};
exports.handler = async (event) => {
  const place = '/tmp/out/sheet.txt';
  fill(event.title, place);
  return fs.readFileSync(place, 'utf8');
};
""",
}


@pytest.mark.parametrize(("files", "expected"), [(FILE_BY_PARAMETER, 5), (NODE_FILE_BY_PARAMETER, 3)])
def test_a_file_is_written_where_a_function_writes_to_the_path_it_is_given(files, expected):
    place = "/tmp/out/sheet.txt"
    leaf = StateLeaf(root="tmp-file", carrier=place, path=place, kind="file", value="ann-55")
    assert written(files, leaf) == [expected]


@pytest.mark.parametrize(
    ("file", "opened", "made", "puts"),
    [
        ("app.py", 'with open("/tmp/sheet.csv", "a") as out:', "sheet = csv.writer(out)", "sheet.writerow(row)"),
        ("app.py", 'with open("/tmp/sheet.csv", "a") as out:', "sheet = Writer(out, [1])", "sheet.writeheader(row)"),
        ("app.mjs", "const path = '/tmp/sheet.csv';", "const out = createWriteStream(path);", "out.write(row);"),
    ],
)
def test_what_writes_to_an_open_file_is_made_before_it_writes(file, opened, made, puts):
    begin = "def handler(row):" if file == "app.py" else "export const handler = (row) => {"
    code = f"{begin}\n    {opened}\n        {made}\n        {puts}\n"
    leaf = StateLeaf(root="tmp-file", carrier="/tmp/sheet.csv", path="/tmp/sheet.csv", kind="file", value="ann-55")
    assert written({file: code}, leaf) == [4]
    without = {file: code.replace(puts, "pass" if file == "app.py" else ";")}
    assert written(without, leaf) == [2 if "open(" in opened else 3] or written(without, leaf) == [2, 3]


KEPT = """\
@functools.cache
def news(city):
    return {"city": city, "seen": []}
def noted(paper, who):
    paper["seen"].append(who)
    return paper
def handler(event, context):
    GET
"""
BY_HAND = KEPT.replace(
    "@functools.cache\ndef news(city):\n    return",
    "kept = {}\ndef news(city):\n    kept[city] = kept.get(city) or",
).replace("def noted", "    return kept[city]\ndef noted")
NODE_KEPT = """\
const kept = new Map();
const news = (city) => {
  if (!kept.has(city)) kept.set(city, { city, seen: [] });
  return kept.get(city);
};
const noted = (paper, who) => { paper.seen.push(who); return paper; };
export const handler = async (event) => {
  GET
};
"""


@pytest.mark.parametrize(
    ("get", "expected"),
    [
        ('return noted(news("oslo"), event["who"])', [5]),
        ('paper = news("oslo")\n    return noted(paper, event["who"])', [5]),
        ('paper = news("oslo")\n    paper["seen"] += [event["who"]]', [9]),
        ('return noted(dict(event), event["who"])', []),
    ],
)
def test_what_a_function_with_a_cache_returned_is_written_by_who_got_it_in_python(get, expected):
    path = "app.news.cache['oslo']['seen'][0]"
    leaf = StateLeaf(root=PYTHON, carrier="app.news", path=path, kind="str", value="ann-55")
    assert written({"app.py": KEPT.replace("GET", get)}, leaf) == expected


def test_what_a_function_keeps_with_a_part_of_its_own_is_written_by_who_got_it_in_python():
    leaf = StateLeaf(root=PYTHON, carrier="app.kept", path="app.kept['oslo']['seen'][0]", kind="str", value="ann-55")
    code = BY_HAND.replace("GET", 'return noted(news("oslo"), event["who"])')
    assert written({"app.py": code}, leaf) == [6]


@pytest.mark.parametrize(
    ("get", "expected"),
    [
        ("return noted(news('oslo'), event.who);", [6]),
        ("const paper = news('oslo');\n  paper.seen.push(event.who);", [9]),
    ],
)
def test_what_a_function_keeps_with_a_part_of_its_own_is_written_by_who_got_it_in_node(get, expected):
    path = "app.kept.get('oslo').seen[0]"
    leaf = StateLeaf(root=NODE, carrier="app.kept", path=path, kind="string", value="ann-55")
    assert written({"app.mjs": NODE_KEPT.replace("GET", get)}, leaf) == expected


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("last = 'nobody'", "declared"),
        ("last = 'ann-55'", "written"),
        ("last = event", "written"),
        ("last += 'x'", "written"),
    ],
)
def test_a_constant_that_the_value_is_none_of_did_not_bring_it(line, role):
    code = f"last = None\ndef handler(event, context):\n    global last\n    {line}\n"
    leaf = StateLeaf(root=PYTHON, carrier="app.last", path="app.last", kind="str", value="ann-55")
    assert {each.line: each.role for each in lines_of({"app.py": code}, leaf).all}[4] == role


@pytest.mark.parametrize(
    ("file", "line", "expected"),
    [
        ("app.js", "({ who: held.who = 'x' } = event);", [3]),
        ("app.js", "({ who: held.who } = event);", [3]),
        ("app.js", "[held.who] = event.names;", [3]),
        ("app.js", "const { who: mine = held.who } = event;", []),
        ("app.py", "held.who, rest = event", [3]),
    ],
)
def test_what_is_taken_apart_into_a_place_is_written_there(file, line, expected):
    if file == "app.js":
        code, root = f"const held = {{ who: 'x' }};\nexports.handler = async (event) => {{\n  {line}\n}};\n", NODE
    else:
        code, root = f"held = Held()\ndef handler(event, context):\n    {line}\n", PYTHON
    leaf = StateLeaf(root=root, carrier="app.held", path="app.held.who", kind="str", value="ann-55")
    assert written({file: code}, leaf) == expected


@pytest.mark.parametrize("puts", ["sys.stdout = text", "redirect_stdout(text).__enter__()"])
def test_what_is_in_place_of_standard_output_is_written_by_the_one_line_that_prints(puts):
    code = f"text = StringIO()\ndef handler(event, context):\n    {puts}\n    print('now')\n    print(event)\n"
    leaf = StateLeaf(root=PYTHON, carrier="app.text", path="app.text.getvalue()", kind="str", value="ann-55")
    assert written({"app.py": code}, leaf) == [5]
    assert written({"app.py": code + "    print(context)\n"}, leaf) == []


@pytest.mark.parametrize(
    ("root", "file", "place", "call", "expected"),
    [
        (PYTHON, "app.py", "logging._logRecordFactory", "logging.setLogRecordFactory(stamped(event))", [2]),
        (PYTHON, "app.py", "gettext._translation", "gettext.install_translation(event)", [2]),
        (PYTHON, "app.py", "boto3.DEFAULT_SESSION", "boto3.setup_default_session(region=event)", [2]),
        (PYTHON, "app.py", "logging._logRecordFactory", "logging.getLogRecordFactory()(event)", []),
        (NODE, "app.js", "dns.servers", "dns.setServers(event.servers);", [2]),
        (NODE, "app.js", "log.level", "log.setupLevel(event.level);", [2]),
        (NODE, "app.js", "dns.servers", "dns.setServers(['::1']);", []),
    ],
)
def test_a_librarys_variable_is_written_by_the_function_that_is_named_after_it(root, file, place, call, expected):
    begin, end = ("def handler(event):", "") if root == PYTHON else ("exports.handler = (event) => {", "};\n")
    leaf = StateLeaf(root=root, carrier=place, path=place, kind="str", value="ann-55")
    assert written({file: f"{begin}\n    {call}\n{end}"}, leaf) == expected


EXPORT = """\
class Export:
    def __init__(self, out):
        self.out = out
        self.writer = csv.DictWriter(out, COLUMNS)
    def write(self, rows):
        self.out.seek(0)
        self.writer.writeheader()
        for row in rows:
            self.writer.writerow(row)
        return self.out.getvalue()
text = io.StringIO()
export = Export(text)
def handler(event, context):
    return export.write(event["rows"])
"""
NODE_EXPORT = """\
class Export {
  constructor(out) {
    this.out = out;
    this.writer = new Writer(out);
  }
  write(rows) {
    this.out.seek(0);
    for (const row of rows) this.writer.addRow(row);
    return this.out.text();
  }
}
const text = new TextBuffer();
const exported = new Export(text);
export const handler = async ({ rows }) => exported.write(rows);
"""


@pytest.mark.parametrize(
    ("root", "file", "code", "path", "expected"),
    [
        (PYTHON, "app.py", EXPORT, "app.text.getvalue()", [9]),
        (PYTHON, "app.py", EXPORT + "export.writer = other\n", "app.text.getvalue()", []),
        (PYTHON, "app.py", EXPORT.replace("self.out.seek(0)", "self.out.load(rows[0])"), "app.text.getvalue()", []),
        (NODE, "app.mjs", NODE_EXPORT, "app.text.parts[0]", [8]),
        (NODE, "app.mjs", NODE_EXPORT + "exported.writer.close();\n", "app.text.parts[0]", []),
    ],
)
def test_what_a_class_is_given_and_keeps_is_written_by_what_the_class_does_to_it(root, file, code, path, expected):
    leaf = StateLeaf(root=root, carrier="app.text", path=path, kind="str", value="ann-55")
    assert written({file: code}, leaf) == expected


def written(files, leaf):
    found = lines_of(files, leaf)
    return [line.line for line in found.all[: found.likely]]
