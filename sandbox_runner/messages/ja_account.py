"""Japanese: what is said of an account."""

from __future__ import annotations

from typing import Final

ACCOUNT: Final = {
    "service-unknown": "{field:=field}: {value} というサービスはここのアカウントにありません。{nearest:{nearest} ではありませんか?|使えるのは {known:=all} です。}",
    "operation-unknown": "{field:=field}: {service} に {value} という操作はありません。{nearest:{nearest} ではありませんか?|create_table のように boto3 の名前で書いてください。}",
    "resource-form": "{field:=field} には、sqs.create_queue のような boto3 の操作 1 つとそのパラメータを書いてください。",
    "resource-refused": "{field} の {operation} はサービスに拒否されました: {said}",
    "account-not-kept": "再生のために保存されるアカウントの状態は {moments} 時点分までで、それ以外の時点が必要になりました。",
}
