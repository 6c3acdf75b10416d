"""The layers of a function on this machine's disk."""

from pathlib import Path

from sandbox_runner.dependencies.layers import folder_of
from sandbox_runner.dependencies.store import Store
from sandbox_runner.limits import MB

FILES = {"python/lib/a.py": "eA==", "bin/tool": "IyEvYmluL3NoCg=="}


def test_layers_are_kept_once_by_what_is_in_them(tmp_path):
    store = Store(tmp_path, MB)

    one = folder_of(FILES, store)

    assert folder_of({name: FILES[name] for name in reversed(FILES)}, store) == one
    assert folder_of(FILES | {"python/lib/a.py": "eQ=="}, store).name != one.name
    assert (Path(one.files) / "python" / "lib" / "a.py").read_text() == "x"
    assert (Path(one.files) / "bin" / "tool").stat().st_mode & 0o111
    assert Path(one.archive).stat().st_size > 0
