"""Japanese for code that did not load. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

LOADING: Final = {
    "load-failed": (
        "コードを読み込めませんでした: {problem}{file: ({file}{line:| 1 行目| {line:=plain} 行目}"
        "{column:| 1 列目| {column:=plain} 列目}{source:: `{source}`|})|}。"
    ),
    "import-nearest": "`{nearest}` の間違いではありませんか？",
    "package-missing": "パッケージ `{package}` に含まれるモジュールなら、{manifest} に追加してください。それ以外なら、モジュールをファイルとして追加してください。",
    "package-once-brought": "`{package}` は {runtime} までの Lambda ランタイムに含まれていましたが、それより新しいものにはありません。{manifest} に追加してください。",
    "package-lacks": "パッケージ `{package}` はインストールされていますが、このランタイムではそのモジュールがありません。別のバージョンか別のパッケージを指定してください。",
    "package-not-built": "パッケージ `{package}` のインストールスクリプトが用意するファイルがありません。ここではパッケージのスクリプトを実行しません。新しいバージョンを指定するか、インストール済みのものをレイヤーで追加してください。",
    "package-only-imported": "`{package}` は ES モジュールなので、このランタイムの `require` では読み込めません。ファイルもモジュールにする (拡張子 .mts または .mjs) か、`await import()` で読み込むか、古いバージョンを指定してください。",
    "import-missing": "インポートできるのは関数自身のファイルとランタイムに含まれるものだけです。モジュールをファイルとして追加してください。",
    "export-missing": "{exported:{module} にあるもの: {exported:=all}。|{module} が何をエクスポートしているか確認してください。}",
    "handler-missing": (
        "{handlers:{file} にある関数をハンドラーに指定してください: {handlers:=or}。"
        "|{file} にはハンドラーになる関数がありません。関数を書いてください。}"
    ),
    "handler-file-missing": "ハンドラーのファイルは {wanted:=or} のはずですが、関数にあるのは {files} です。ファイル名かハンドラーを変更してください。",
    "handler-calls-back": "コールバックを受け付ける最新のランタイム {runtime} を選ぶか、ハンドラーを非同期関数にして応答を戻り値で返してください。",
    "handler-malformed": "ハンドラーは `{example}` のように、ファイルと関数で指定してください。",
    "looks-like": "{file} は {language} のようですが、ランタイムが読み込むのは {loaded} です。ランタイム、ファイル名、ハンドラーを変更してください。",
    "module-syntax": '{file} は ES モジュールの構文ですが、CommonJS として読み込まれています。拡張子を .mjs にするか、package.json に `"type": "module"` と書いてください。AWS 用にバンドラーでビルドしている場合は、package.json にそのバンドラーを書くか、その出力を実行してください。',
    "line-to-mend": "構文を直して、もう一度実行してください。",
    "bootstrap-missing": "ランタイムはご自身のプログラムです。bootstrap という名前のファイルにして、コードまたはレイヤーの最上位に置いてください。関数にあるのは {files:=all} です。",
    "bootstrap-foreign": "このシステムではプログラムを起動できません。Linux とこのプロセッサー向けにビルドしたものか、先頭行に実在するプログラムを書いたスクリプト (行末に CR を含まないもの) にしてください。",
    "aws-unreachable": "{host} に応答するものは、ここにはありません。{known:このシナリオのアカウントで使えるサービスは {known:=all} です。|このシナリオにはアカウントがありません。AWS のサービスを使うには、先頭にアカウントを書いてください。}",
    "variable-missing": "環境変数 {name} が設定されていません。Lambda が関数に渡すのは設定にある変数だけなので、そこで設定してください。",
    "event-not-sent": "コードは `{field}` を読みますが、それを送るリクエストがありません。テンプレート `{template}` でイベントを作ってください。",
    "module-code-failed": "エラーは、関数の読み込み中に実行されるハンドラーの外のコードで起きました。",
    "types-not-made": "{file} は `emitDecoratorMetadata` を求めていますが、esbuild は (SAM や CDK のビルドと同じく) これを出力しません。デコレーターに型が足りない場合は、型をデコレーターに明示するか、`tsc` で作ったものを実行してください。",
    "all-failed": (
        "ただし、すべてのリクエストが{error:エラー `{error}` |エラー}で終わったため、"
        "ハンドラーのそれ以外の処理は試されていません。"
    ),
}
