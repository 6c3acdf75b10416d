"""日本語: the places that held something. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

_WHERE: Final = "{file: ({file} の {line:=plain} 行目で{role:=word})|}"
_PACKAGE: Final = "パッケージ {package}{version: {version}|}"

PLACES: Final = {
    "carried-by": f"`{{place}}` を介して伝わりました{_WHERE}。",
    "carried-by-file": f"ファイル `{{place}}` を介して伝わりました{_WHERE}。",
    "held-in": f"`{{place}}` に保持されています{_WHERE}。",
    "held-in-file": f"ファイル `{{place}}` に保持されています{_WHERE}。",
    "carried-by-package": f"{_PACKAGE} の `{{place}}` を介して伝わりました{_WHERE}。",
    "held-in-package": f"{_PACKAGE} の `{{place}}` に保持されています{_WHERE}。",
    "other-lines": "ほかにも {others} 行がここに書き込んでいて、どの行によるものかは分かりません。",
}
