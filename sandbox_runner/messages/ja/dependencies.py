"""Japanese for packages that are not installed. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

_AT: Final = "{path}{line:| の 1 行目| の {line:=plain} 行目}"

DEPENDENCIES: Final = {
    "requirement-direct": _AT
    + ": {requirement} は URL またはフォルダーです。インストールできるのはインデックスにあるパッケージだけです。名前とバージョンで指定してください",
    "requirement-option": _AT + ": オプション {option} は使えません。パッケージの名前とバージョンだけを書いてください",
    "requirement-malformed": _AT
    + ": {requirement} はパッケージの名前とバージョンとして読めません。名前==1.2 のように書いてください",
    "requirements-too-many": "{path} に {count:=plain} 個のパッケージがあります。指定できるのは {most:=plain} 個までです。減らしてください",
    "manifest-unusable": "{path} を使えません{what:: {what} を確認してください|: JSON オブジェクトにしてください}。修正するか削除してください",
    "lock-line-unusable": _AT
    + ": {requirement} には 1 つのバージョン (==) と SHA-256 ハッシュが必要です。ロックファイルを作り直すか、削除してください (削除すると新しく作られます)",
    "lock-entry-unusable": "{path}: {requirement} は、ハッシュの付いたレジストリのパッケージではありません。ロックファイルを作り直すか、削除してください (削除すると新しく作られます)",
    "lock-does-not-fit": "{path} に、{manifest} が求める {name} がありません。ロックファイルを作り直すか、削除してください (削除すると新しく作られます)",
    "package-unknown": "パッケージインデックスに {package} というパッケージはありません。{nearest:{nearest} の間違いではありませんか？|名前を確認してください。}",
    "package-version-unknown": "パッケージインデックスに {requirement} を満たすバージョンがありません。実在するバージョンを指定してください。",
    "package-without-wheel": (
        "{package} には、このランタイム用のビルド済みパッケージがありません。ここではコンパイルしません。"
        "別のバージョンか、別のパッケージを選んでください。"
    ),
    "packages-without-wheel": (
        "{package} の指定されたバージョンには、このランタイム用のビルド済みパッケージがなく、ここではコンパイルを行いません。"
        "ビルド済みのものがある、最も近い新しいバージョン: {nearest}。"
    ),
    "packages-conflict": "これらのパッケージは一緒に使えません。バージョンを変えるか、どれかを除いてください。リゾルバーの説明: {reason}",
    "package-needs-another": "{package} には {needed} が必要ですが、{found} が指定されています。互いに合うバージョンを指定してください。",
    "packages-too-large": (
        "パッケージは展開すると {bytes:=plain} バイト以上ですが、{most:=plain} バイト未満でなければなりません。"
        "Lambda でも拒否されます。減らしてください。"
    ),
    "packages-too-many-files": "パッケージに {files:=plain} 個のファイルがあります。インストールできるのは {most:=plain} 個までです。減らしてください。",
    "package-unsound": "パッケージに、通常のファイルでもフォルダーでもない項目があります: {entry}。インストールしません。",
    "packages-took-too-long": (
        "パッケージのインストールが {seconds:=plain} 秒で終わりませんでした{package: ({package} の処理中)|}。"
        "パッケージを減らすか、バージョンを固定してください。"
    ),
    "packages-not-offered": (
        "{path} はパッケージを求めていますが、この環境ではパッケージをインストールできません"
        "{variable: (管理者が {variable} にインデックスを指定していません)|}。"
        "{path} を外すか、パッケージをインストールできる環境で実行してください。"
    ),
    "packages-not-installed": "パッケージをインストールできません: {reason}",
    "packages-are-locked": "{file} に必要なパッケージを調べています。",
    "packages-are-installed": "{packages:=plain} 個のパッケージをインストールしています。",
}
