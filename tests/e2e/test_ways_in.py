"""Code as people have it, dropped on home or opened there, with undo."""

from __future__ import annotations

import zipfile

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import expect_verdict, sideways, to_its_page

HANDLER = """\
import helper

def lambda_handler(event, context):
    return helper.hold(event)
"""
HELPER = "KEPT = []\n\ndef hold(event):\n    KEPT.append(event)\n    return KEPT[0]\n"
FILES = {"app.py": HANDLER, "helper.py": HELPER, "lib/icon.png": b"\x89PNG\0", "node_modules/x/index.js": b"x"}


@pytest.fixture
def folder(tmp_path):
    for name, content in FILES.items():
        path = tmp_path / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path / "shop"


TEMPLATE = """
Globals: {Function: {Runtime: python3.9, Environment: {Variables: {TABLE: !Ref Users, KEY: !ImportValue key}}}}
Resources:
  Users: {Type: AWS::DynamoDB::Table}
  Front:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: front/
      Handler: app.lambda_handler
      MemorySize: 512
      VpcConfig: {SubnetIds: [subnet-1]}
      Events: {Get: {Type: HttpApi, Properties: {Path: "/users/{id}", Method: get}}}
  Worker: {Type: AWS::Serverless::Function, Properties: {CodeUri: worker/, Handler: job.run, Timeout: 30}}
"""


@pytest.fixture
def project(tmp_path):
    files = {
        "template.yaml": TEMPLATE,
        "front/app.py": HANDLER,
        "front/helper.py": HELPER,
        "worker/job.py": "def run(event, context):\n    return 1\n",
        "events/sampleEvent_NotFound_OfAnotherCustomer_002.json": '{"who": "hoge"}',
    }
    for name, content in files.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path / "project"


@pytest.fixture
def archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as written:
        for name, content in FILES.items():
            written.writestr(f"shop-main/{name}", content)
    return tmp_path / "shop.zip"


def drop(page, path, kinds=("dragEnter", "dragOver", "drop")):
    """Drag a file or a folder of the machine over the page, as a person would."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in kinds:
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})


def expect_opened(page, *, said):
    expect(page.get_by_label("Handler")).to_have_value("app.lambda_handler")
    expect(page.get_by_label("Runtime")).to_have_value("python3.13")
    expect(page.get_by_role("tab")).to_have_text(["app.py", "helper.py"])
    expect(page.locator("[data-attached-files]")).to_contain_text("lib/icon.png")
    expect(page.locator("[data-opened]")).to_contain_text("Left out: node_modules")
    expect(page.locator("[data-followed]")).to_contain_text(said)


def test_a_zip_that_is_dropped_becomes_the_code_with_undo_and_plays(page, archive, shoot):
    page.goto("/")
    before = page.get_by_label("Handler").input_value()
    drop(page, archive, ("dragEnter", "dragOver"))
    expect(page.get_by_text("Drop a zip, a folder or files")).to_be_visible()
    shoot(page, "drop-here")
    drop(page, archive, ("drop",))
    expect_opened(page, said="Opened shop.zip (files: 3): runtime python3.13, handler app.lambda_handler.")
    shoot(page, "opened")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Handler")).to_have_value(before)
    expect(page.locator("[data-attached]")).to_have_count(0)
    expect(page.locator("[data-opened]")).to_be_hidden()
    drop(page, archive, ("dragEnter", "drop"))
    expect_opened(page, said="Opened shop.zip")
    page.locator("[data-run-button]").click()
    to_its_page(page)
    expect_verdict(page, "LEAK")


def test_a_folder_that_is_dropped_is_not_read_where_nothing_is_taken(page, folder):
    page.goto("/")
    page.get_by_label("Runtime").select_option("python3.12")
    expect(page.locator("[data-runtime-note]")).to_contain_text("Python 3.13")
    drop(page, folder)
    expect_opened(page, said="Opened shop ")
    expect(page.locator("[data-runtime-note]")).to_be_empty()
    page.reload()
    expect(page.get_by_text("Restored what you had typed here.")).to_be_visible()
    expect(page.locator("[data-attached-files]")).to_contain_text("lib/icon.png")


def test_a_zip_and_a_folder_are_opened_by_keyboard(page, archive, folder):
    page.goto("/")
    for name, path, said in (("Open a zip…", archive, "Opened shop.zip"), ("Open a folder…", folder, "Opened shop ")):
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name=name).press("Enter")
        chooser.value.set_files(path)
        expect_opened(page, said=said)


def test_what_cannot_be_opened_is_one_sentence_and_changes_nothing(page, tmp_path):
    (tmp_path / "broken.zip").write_bytes(b"PK")
    page.goto("/")
    before = page.get_by_label("Handler").input_value()
    drop(page, tmp_path / "broken.zip")
    expect(page.get_by_role("alert")).to_have_text("This is not a zip that can be read; create it again")
    expect(page.get_by_label("Handler")).to_have_value(before)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_what_was_opened_fits_the_page(new_context, folder, shoot, scheme, width):
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme, "locale": "ja-JP"}
    page = new_context(**options).new_page()
    page.goto("/")
    drop(page, folder)
    expect(page.locator("[data-opened]")).to_contain_text("除いたもの: node_modules")
    assert sideways(page) == 0
    shoot(page, f"opened-{scheme}-{width}")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_template_gives_its_functions_to_choose_from_and_their_payloads(new_context, project, shoot, width, scheme):
    page = new_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()
    page.goto("/")
    drop(page, project)
    chosen = page.locator("[data-function]")
    expect(chosen).to_have_value("Front")
    expect(page.get_by_label("Memory")).to_have_value("512")
    expect(page.locator("#environment")).to_have_value("TABLE=Users\nKEY=!ImportValue key")
    expect(page.locator("[data-opened]")).to_contain_text("Not understood: Front.VpcConfig")
    requests = page.locator("[data-step]")
    before = requests.count()
    for name in ("+ events/sampleEvent_NotFound_OfAnotherCustomer_002.json", "+ Get: GET /users/{id}"):
        page.get_by_role("button", name=name).click()
    expect(requests).to_have_count(before + 2)
    expect(page.locator("[name=step_payload]").nth(before)).to_have_value('{"who": "hoge"}')
    assert sideways(page) == 0
    shoot(page, f"template-{scheme}-{width}")
    chosen.select_option("Worker")
    expect(page.get_by_label("Handler")).to_have_value("job.run")
    expect(page.get_by_role("tab")).to_have_text(["job.py"])
    expect(chosen).to_be_focused()
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_label("Handler")).to_have_value("app.lambda_handler")


def test_a_layer_is_added_by_keyboard_kept_in_the_draft_and_played(page, tmp_path, shoot):
    with zipfile.ZipFile(tmp_path / "common.zip", "w") as written:
        written.writestr("python/helper.py", HELPER)
    (tmp_path / "app.py").write_text(HANDLER)
    page.goto("/")
    drop(page, tmp_path / "app.py")
    expect(page.get_by_label("Handler")).to_have_value("app.lambda_handler")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a layer…").press("Enter")
    chooser.value.set_files(tmp_path / "common.zip")
    expect(page.locator("[data-layers]")).to_contain_text("common.zip")
    shoot(page, "layer")
    page.reload()
    expect(page.locator("[data-layers]")).to_contain_text("common.zip")
    page.locator("[data-run-button]").click()
    to_its_page(page)
    expect_verdict(page, "LEAK")
