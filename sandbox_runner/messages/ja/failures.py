"""Japanese for what fails on our side. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

FAILURES: Final = {
    "no-sandbox": "サンドボックスを開始できませんでした: {detail}",
    "account-lost": "AWS のサービスに代わって応答するプログラムで障害が起きました: {detail}",
    "sandbox-lost": "サンドボックスが突然終了しました: {detail}",
    "protocol-violation": "サンドボックスから想定外の通信がありました: {detail}",
    "illegal-transition": "実行環境が誤った状態にありました: {detail}",
    "other-failure": "内部エラー: {detail}",
    "unexpected-failure": "予期しない内部エラーが発生しました。",
    "runtime-not-built": "この環境では {runtime} のイメージを作れなかったため、実行しませんでした: {detail}",
    "took-too-long": "実行が許される時間を超えたため、終了しました。",
    "session-lost": (
        "このライブセッションを保持していたワーカーが失われ、実行環境もなくなりました。それまでに届いたものは下に残って"
        "います。続けるには、もう一度ライブを始めてください。"
    ),
    "interrupted": "こちらの都合で実行が中断されました。もう一度実行してください。",
    "index-away": "パッケージインデックスが応答しないため、今はパッケージをインストールできません: {detail}。あとでもう一度試してください。以前にインストールしたものは、そのまま実行できます。",
    "packages-away": "パッケージインデックスが応答せず、次のパッケージはここに保存されていません: {packages}{more:|、ほか 1 個|、ほか {more} 個} ({detail})。あとでもう一度試してください。以前にインストールしたものは、そのまま実行できます。",
    "archive-missing": "{name} はこの環境に保存されていません ({bytes} バイト、SHA-256 {sha256})。この ZIP を持っている人がコードまたはレイヤーとしてもう一度送れば、以前と同じように実行できます。",
}
# What a live session does now.
DOING: Final = {"session-waits": "セッションが開いています。リクエストを送ってください。"}

# How one attempt at a request ended.
OUTCOMES: Final = {
    "success": "成功",
    "function-error": "関数エラー",
    "timeout": "タイムアウト",
    "runtime-exit": "ランタイムの終了",
    "extension-exit": "拡張機能の終了",
    "out-of-memory": "メモリー不足",
    "init-error": "初期化エラー",
    "throttled": "スロットリング",
    "request-too-large": "リクエストが大きすぎる",
    "not-played": "未実行",
}
