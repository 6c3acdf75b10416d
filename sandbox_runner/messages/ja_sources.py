"""Japanese for code that came from a folder or a zip. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

SOURCES: Final = {
    "left-out-folder": "除いたもの: {name}{files:| (1 ファイル)| ({files} ファイル)}",
    "left-out-hidden": "除いたもの: 隠しファイル {files} 個 ({names}{more:|、ほか 1 個|、ほか {more} 個})",
    "left-out-links": "除いたもの: リンクかデバイス {files} 個 ({names}{more:|、ほか 1 個|、ほか {more} 個})",
    "no-handler-found": "ハンドラーらしい関数がないため、{handler} を使います。",
    "left-out-large": "合計が大きすぎるため除いたもの: {files} 個 ({names}{more:|、ほか 1 個|、ほか {more} 個})",
}
