"""Japanese: what is said of an account."""

from __future__ import annotations

from typing import Final

from sandbox_runner.messages.account_codes import SERVICE_NAMES

ACCOUNT: Final = {
    "service-unknown": "{field:=field}: {value} というサービスはここのアカウントにありません。{nearest:{nearest} ではありませんか?|使えるのは {known:=all} です。}",
    "operation-unknown": "{field:=field}: {service} に {value} という操作はありません。{nearest:{nearest} ではありませんか?|create_table のように boto3 の名前で書いてください。}",
    "resource-form": "{field:=field} には、sqs.create_queue のような boto3 の操作 1 つとそのパラメータを書いてください。",
    "resources-without-services": "{field:=field} によりサービスが 1 つもないため、{other:=field} で作るものに応答できません。{{services: auto}} と書くか、リソースを削除してください。",
    "call-without-account": "{field:=field} は {operation} を呼び出しますが、シナリオに AWS のサービスがありません。先頭に {other:=field}: {{services: auto}} と書いてください。",
    "mapping-not-played": "{field:=field} はここでは使えません。マッピングに書けるのは {known:=all} です。",
    "mapping-of-nothing": "{field:=field} の指すキュー {queue} は、その時点でまだありません。先に sqs.create_queue で作ってください。",
    "mapping-twice": "{field:=field} は、{source} から {function} への 2 つ目のマッピングです。Lambda では 1 つしか作れないため、削除してください。",
    "mapping-of-no-stream": "{field:=field} の指すストリーム {arn} は、その時点でまだありません。先に kinesis.create_stream か、dynamodb.create_table の StreamSpecification で作ってください。",
    "mapping-start": "{field:=field} {value:は {value} にできません。|で開始位置を指定してください。}使えるのは {known:=all} です。",
    "mapping-needs-window": "{field:=field} は {size} です。10 を超えるには、MaximumBatchingWindowInSeconds を 1 以上にする必要があります。",
    "qualifier-not-played": "{field:=field} は {function} のバージョンまたはエイリアス {value} を指しています。ここで実行されるのは公開前のコードだけです。",
    "mapping-filters": "{field:=field} にはフィルターが {count:=plain} 個あります。Lambda で使えるのは {most:=plain} 個までです。1 つのパターンにまとめるか、減らしてください。",
    "mapping-filter": "{field:=field} は Lambda が受け付けるイベントパターンではありません: {said}",
    "mapping-elsewhere": "{field:=field} に使えるソースは、関数のある {own} のものだけです。これを削除するか、アカウントのリージョン {region} を外してください。",
    "region-unknown": "{field:=field}: {value} というリージョンはありません。{nearest:{nearest} ではありませんか?|リージョンの名前を書いてください。}",
    "mapping-visibility": "{field:=field} の関数はタイムアウトが {timeout:=plain} 秒で、キューの VisibilityTimeout は {visibility:=plain} 秒です。Lambda はこれを拒否します。タイムアウト以上の長さにしてください。",
    "receiver-without-service": "{field:=field} は {value} を指していますが、シナリオに {service:=word} がありません。先頭に {other:=field}: {{services: auto}} と書いてください。",
    "step-call": "{principal:{principal} として |}{operation} を呼び出す",
    "resource-refused": "{field} の {operation} はサービスに拒否されました: {said}",
    "account-not-kept": "再生のために保存されるアカウントの状態は {moments} 時点分までで、それ以外の時点が必要になりました。",
    "came-by-service": (
        "{reader} {in_log:のログ|への応答}に、{writer} の{leaf: `{leaf}` |ペイロード}({value}) が {service:=word}"
        "{name: の{thing:=word} {name}|}{key: ({key})|} を経由して現れました。"
        "{writer:=request}が {stored} で保存し、{reader:=request}が {read} で読み出した値です。"
    ),
    "came-by-function": (
        "{reader} {in_log:のログ|への応答}に、{writer} の{leaf: `{leaf}` |ペイロード}({value}) が関数 {name} を経由して現れました。"
        "{writer:=request}がその関数に送り、{reader:=request}がその関数の応答として受け取った値です。"
    ),
    "gone-before": (
        "アカウントを {writer:=request}より前の状態に戻すと、この値は現れません。実行環境に残っていたものではありません。"
    ),
    "there-before": (
        "アカウントを {writer:=request}より前の状態に戻しても、この値は現れます。別のリクエストが保存した可能性があります。"
    ),
    "came-by-services": (
        "ウォームスタートの応答 {answers} 件のうち {compared} 件をコールドスタートと比較しました。"
        "応答は一致し、実行環境に残っていたデータはありません。"
        "ほかの呼び出し元の値 {values} 件は、AWS のサービスを経由して届きました。"
    ),
    "passages-found": (
        "AWS のサービスの呼び出し {calls} 件を調べました。これを経由したほかの呼び出し元の値は {passages} 件です"
        "{replays:|。{proven} 件は 1 回の再生で証明しました|。{proven} 件は {replays} 回の再生で証明しました}。"
    ),
    "account-before": "リクエスト {request:=plain} より前のアカウントの状態",
}

ACCOUNT_WORDS: Final = {
    "service": SERVICE_NAMES,
    "thing": {
        "": "",
        "table": "テーブル",
        "state-machine": "ステートマシン",
        "bus": "イベントバス",
        "stream": "ストリーム",
        "log-group": "ロググループ",
        "bucket": "バケット",
        "secret": "シークレット",
        "topic": "トピック",
        "queue": "キュー",
        "parameter": "パラメータ",
        "function": "関数",
    },
}
