"""Japanese for code that came from a folder or a zip. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

SOURCES: Final = {
    "left-out-folder": "除いたもの: {name}{files:| (1 ファイル)| ({files} ファイル)}",
    "left-out-hidden": "除いたもの: 隠しファイル {files} 個 ({names}{more:|、ほか 1 個|、ほか {more} 個})",
    "task-root-inside": "フォルダー {folder} をルートとして実行します。ハンドラーが同じフォルダーのファイルをインポートしているか、パッケージの一覧がそこにあるためです。",
    "lock-left-out": "{path} は除きました。パッケージのロックを作り直します。",
    "program-not-executable": "{path} には実行権限がありません。Lambda なら Runtime.InvalidEntrypoint になりますが、ここではそのまま起動します。",
    "left-out-links": "除いたもの: リンクかデバイス {files} 個 ({names}{more:|、ほか 1 個|、ほか {more} 個})",
    "no-handler-found": "ハンドラーらしい関数がないため、{handler} を使います。",
    "left-out-untransformed": "多すぎるため変換しないもの: {files} 個 ({names}{more:|、ほか 1 個|、ほか {more} 個})",
    "left-out-large": "合計が大きすぎるため除いたもの: {files} 個 ({names}{more:|、ほか 1 個|、ほか {more} 個})",
    "template-unreadable": "{path} は YAML として読めませんでした{line:| (1 行目)| ({line:=plain} 行目)}{detail:: {detail}|}。",
    "template-too-large": "{path} は大きすぎるか深すぎるため読みませんでした。",
    "template-not-understood": "対応していないもの: {place}{text:: {text}|}",
    "template-value-unknown": "対応していないもの: {place}: {text} の値はテンプレートにありません。書かれたままの文字列を使います。",
    "template-setting-unknown": "対応していないもの: {place}: {text} は Lambda で使える数値ではありません。既定値を使います。",
    "template-name-assumed": "{place}: {name} の名前がテンプレートにないため、{used} を使います。",
    "template-runtime": "{place}: {runtime} の代わりに {used} で実行します。",
    "template-runtime-unknown": "対応していないもの: {place}: {runtime:{runtime} を|ランタイムのない関数を}実行できません{bootstrap:。{bootstrap} 用の bootstrap を入れた ZIP なら実行できます|}。",
    "package-added": "{package} を {manifest} に追加しました。{runtime} には含まれていましたが、代わりに使うランタイムにはありません。",
    "manifest-made": "{path} にある依存関係から {manifest} を作りました。",
    "template-image": "対応していないもの: {place} はコンテナーイメージです。",
    "built-from": "{handler} はビルドで作られるファイルのため、元の {path} を実行します。",
    "template-code-beside": "{place} のコードは {uri} にあるはずですが、ここにはありません。テンプレートと同じ場所にハンドラーがあるので、それを実行します。",
    "template-code-elsewhere": "対応していないもの: {place} のコードがここにありません: {uri}",
}
