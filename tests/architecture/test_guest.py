"""The guest runs where nothing of ours is installed: standard library and siblings only."""

import shutil
import subprocess
import sys

from tests.architecture.project import ROOT, imports, sources

GUEST = "sandbox_runner/guest/"
MODULES = [name for name in sources("sandbox_runner") if name.startswith(GUEST)]

# A probe runs inside the process of AWS's own client, whose package is there for it.
CLIENT_OF_A_PROBE = {"awslambdaric", "runtime_client"}


def allowed(name):
    return sys.stdlib_module_names | (CLIENT_OF_A_PROBE if "/probes/" in name else set())


def test_the_guest_imports_the_standard_library_and_siblings():
    assert MODULES
    foreign = [
        f"{name}:{line}: {module}"
        for name in MODULES
        for module, dots, line in imports(name)
        if not dots and module.split(".")[0] not in allowed(name)
    ]
    assert not foreign


def test_relative_imports_stay_inside_the_guest():
    outside = [
        f"{name}:{line}: {module}"
        for name in MODULES
        for module, dots, line in imports(name)
        if dots > name.removeprefix(GUEST).count("/") + 1
    ]
    assert not outside


def test_the_guest_is_imported_where_nothing_else_is(tmp_path):
    shutil.copytree(ROOT / GUEST, tmp_path / "guest", ignore=shutil.ignore_patterns("__pycache__"))
    names = [name.removeprefix("sandbox_runner/").removesuffix(".py").replace("/", ".") for name in MODULES]
    importable = [name.removesuffix(".__init__") for name in names if ".probes." not in name]
    program = (
        "import sys, importlib; sys.path.insert(0, sys.argv[1])\n"
        "for name in sys.argv[2:]: importlib.import_module(name)\n"
        "known = sys.stdlib_module_names | {'guest', '__main__'}\n"
        "strangers = [name for name in sys.modules if name.split('.')[0] not in known]\n"
        "assert not strangers, strangers"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, tmp_path, *importable], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_host_takes_nothing_from_the_guest_but_the_wire():
    taken = {
        (name, module)
        for name in sources("sandbox_runner", "playground")
        if not name.startswith(GUEST)
        for module, _, _ in imports(name)
        if f"{module}.".startswith("sandbox_runner.guest.")
        and not f"{module}.".startswith("sandbox_runner.guest.wire.")
    }
    assert not taken
