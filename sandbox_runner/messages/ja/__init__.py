"""日本語。How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

from sandbox_runner.messages.ja.account import ACCOUNT, ACCOUNT_WORDS
from sandbox_runner.messages.ja.dependencies import DEPENDENCIES
from sandbox_runner.messages.ja.failures import DOING, FAILURES, OUTCOMES
from sandbox_runner.messages.ja.loading import LOADING
from sandbox_runner.messages.ja.places import PLACES
from sandbox_runner.messages.ja.problems import HINTS, PROBLEMS
from sandbox_runner.messages.ja.proof import PROOF
from sandbox_runner.messages.ja.reports import REPORTS
from sandbox_runner.messages.ja.sandboxes import SANDBOX_WORDS, SANDBOXES
from sandbox_runner.messages.ja.sources import SOURCES
from sandbox_runner.messages.ja.stories import STORIES

BETWEEN_SENTENCES: Final = " "
BEFORE_LAST_CHOICE: Final = " か "
BETWEEN_ITEMS: Final = "、"
BETWEEN_MESSAGES: Final = "、"

_NAMED: Final = {
    "named": "{as}",
    "repeated": "{as} (リクエスト {request:=plain})",
    "request": "リクエスト {request:=plain}",
    "module": "モジュールのコード",
}
_REQUEST: Final = {
    "named": "{as} のリクエスト",
    "repeated": "{as} のリクエスト {request:=plain} ",
    "request": "リクエスト {request:=plain} ",
    "module": "モジュールのコード",
}
_NUMBER: Final = {
    "named": "リクエスト {request:=plain} ({as})",
    "repeated": "リクエスト {request:=plain} ({as})",
    "request": "リクエスト {request:=plain}",
    "module": "モジュールのコード",
}
WHO: Final = {
    "name": _NAMED,
    "start": _NAMED,
    "request": _REQUEST,
    "Request": _REQUEST,
    "number": _NUMBER,
    "Number": _NUMBER,
}

_LEAF: Final = "{leaf: `{leaf}` |ペイロード}"
_HERE: Final = "{here: `{here}` |存在しない値}"
_COLD: Final = "{cold: `{cold}` |存在しない値}"
_STARTED: Final = "{request:モジュールのコード|リクエスト 1 |リクエスト {request:=plain} }"

TEMPLATES: Final = {
    "legacy": "{text}",
    # findings
    "value-received": (
        f"{{reader}} への応答に、{{writer}} の{_LEAF}{{part:の一部|}}({{value}}) が{{form:、{{form:=word}}|}}現れました。"
    ),
    "value-logged": (
        f"{{reader}} のログに、{{writer}} の{_LEAF}{{part:の一部|}}({{value}}) が{{form:、{{form:=word}}|}}現れました。"
    ),
    "answer-follows": (
        f"{{reader}} への応答は {{writer}} の{_LEAF}に左右されます。{{path:`{{path}}` は|応答は}}"
        "{got: `{got}` |存在しない値}でしたが、"
        "{writer} が別の値を送ると{got_instead: `{got_instead}` になりました|なくなりました}。"
    ),
    "same-as-proven": (
        f"{{reader}} への応答{{path:の `{{path}}` |}}は、{{writer}} の{_LEAF}から作られた {{other}} への応答と同じ値 "
        "(`{got}`) です。"
    ),
    "log-follows": (
        f"{{reader}} のログは {{writer}} の{_LEAF}に左右されます。{{writer}} が別の値を送ると変わりました。"
    ),
    "gone-when-changed": "{writer} が別の値を送ると、なくなりました。",
    "answer-differs": (
        f"{{reader}} への応答{{path:の `{{path}}` |}}は、ここでは{_HERE}、コールドスタートでは{_COLD}です。"
    ),
    "answer-repeats": (
        f"{{reader}} への応答{{path:の `{{path}}` |}}は、ここでは毎回{_HERE}ですが、"
        f"コールドスタートでは毎回異なります (一例では{_COLD})。"
    ),
    "request-failed": "{reader:=request}は失敗しましたが ({outcome:=word})、コールドスタートでは成功します。",
    "value-held": (
        f"{{writer}} の{_LEAF}は {{later:=request}}の後も保持されていますが、応答にもログにも現れていません。"
    ),
    "peer-full": (
        "{peer} は {environment} の接続を拒否しました。すべての接続を {holders}{more:| とほか 1 個| とほか {more} 個} が"
        "使っていました。"
    ),
    "peer-holders-idle": "{environments} はリクエストを処理していませんでした。",
    "peer-hung-up": (
        "{opener:{opener:=number} の処理中に|初期化中に} {environment} が開いた接続を、"
        "{frozen:フリーズしている間に|} {peer} が閉じました。"
    ),
    **PLACES,
    **STORIES,
    "carrier-unknown": "どこを介して伝わったかは分かりませんでした。",
    "carrier-sought": "どこを介して伝わったかを調べています。",
    "late-writer": "リクエスト {request:=plain} が動かしたままにした{work:=word}が書きました。",
    "confirmed": (
        f"{{replays}} 回の再生すべてで確認しました。{{writer}} の{_LEAF}を変えると、"
        "{reader} {in_log:のログ|への応答}が変わりました。"
    ),
    "overlapped": "2 つのリクエストは 1 つの実行環境で同時に処理されていました{apart:。1 つずつ順に処理すると、何も現れませんでした|}。",
    "other-order": "リクエストの順序を変えたとき ({requests} の順):",
    # conditions
    "value-sent": "リクエスト {request:=plain} が送った値",
    "request-sent": "リクエスト {request:=plain} が送った値が {value}",
    "after-request": "リクエスト {request:=plain} の後",
    "beside-request": "リクエスト {request:=plain} と同時",
    "after-what-ran-before": "先行するリクエストの後",
    "in-this-run": "この実行",
    "cold-start": "コールドスタート",
    "held-after": "リクエスト {request:=plain} の後に保持",
    **PROOF,
    # verdicts
    "nothing-to-compare": (
        "実行環境が再利用されなかったため、持ち越されるものがありませんでした。"
        "{requests:リクエストをもう 1 つ追加してください。|リクエストを 1 つずつ順に送ってください。}"
    ),
    "no-request-ran": "ハンドラーに届いたリクエストがないため、判定できません。",
    **LOADING,
    **(DEPENDENCIES | ACCOUNT),
    "none-loaded-in-time": "どのリクエストもコードの読み込み中にタイムアウトしたため、ハンドラーは一度も呼び出されませんでした。タイムアウトは {seconds:=plain} 秒です。長くするか、読み込むものを減らしてください。",
    "all-timed-out": "ウォームスタートのリクエストがすべてタイムアウトしたため、比較できる応答がありません。",
    "timeout-to-raise": "タイムアウトは {seconds:=plain} 秒です。値を上げるか、ハンドラーが何を待っているかをログで確かめてください。",
    "not-replayed": "漏えいは見つかりませんでしたが、再生していないため確かではありません。",
    "too-few-cold-starts": (
        "漏えいは見つかりませんでしたが、十分な回数のコールドスタートと比較できた応答がないため確かではありません。"
    ),
    "compared-in-part": (
        "漏えいは見つかりませんでしたが、ウォームスタートの応答 {answers} 件のうち {compared} 件しか比較できませんでした。"
    ),
    "answers-match": ("ウォームスタートとコールドスタートの応答は一致し、リクエスト間でデータは混ざりませんでした。"),
    "held-until-next": (
        f"{{writer}} の{_LEAF}は {{later:=request}}が届くまで `{{place}}` に残っていましたが、応答にもログにも現れていません。"
    ),
    "compared-answers-match": (
        "ウォームスタートの応答 {answers} 件のうち {compared} 件をコールドスタートと比較しました。"
        "応答は一致し、リクエスト間でデータは混ざりませんでした。"
    ),
    "same-value-sent": (
        "リクエスト {writer:=plain} と {reader:=plain} の `{leaf}` は同じ値でした。{changed:リクエスト {writer:=plain} の値を変えても、"
        "リクエスト {reader:=plain} の応答は同じでした。|この値が漏れても見分けられないため、異なる値を送ってください。}"
    ),
    "probe-disturbed": "ただし、メモリーを読むプローブを関数が妨げたため、証明にはなりません。",
    "proof-broke-off": "内部エラーのため証明が途中で終わりました。再検証すると、もう一度証明します。",
    "more-findings": "ほかに検出結果が {more} 件あります。",
    # checks
    "values-searched": (
        "先行するリクエストが送った値 {values} 個を、応答 {answers} 件とログから探しました{cut: (上限で打ち切り)|}。"
    ),
    "answers-compared": "ウォームスタートの応答 {answers} 件のうち {compared} 件をコールドスタートと比較しました。",
    "not-compared": "比較しなかったもの: {requests:=requests}。",
    "other-order-compared": "リクエストを逆の順序にした応答 {answers} 件も比較しました。",
    "other-order-not-tried": "逆の順序は試していません。",
    "replayed-one-at-a-time": "同時に再生すると応答が互いに異なり、1 つずつ再生すると一致したため、残りは 1 つずつ再生しました。",
    "replays-cut-short": "再生は {wanted} 回のうち {played} 回だけ行いました。",
    "values-changed": (
        "{requests:=requests} に先行するリクエストの値 {values} 個を、{replays} 回の再生で変えました。"
        "証明できた漏えいは {proven} 件です。"
    ),
    "leaks-not-proven": "証明できなかった漏えいは {leaks} 件です。",
    "nothing-changed": "入力は変えていません。",
    "nothing-to-change": (
        "入力を変える必要はありませんでした。ウォームスタートの応答もログも、先行するリクエストに左右されていません。"
    ),
    "nothing-put-back": "状態を戻す必要はありませんでした。",
    "places-put-back": (
        "{replays} 回の再生で {places} か所を初期化直後の状態に戻しました。"
        "{confirmed:これを戻すとコールドスタートと同じ応答になります: {confirmed}。"
        "|どれか 1 つを戻すだけでは、コールドスタートと同じ応答にはなりません。}"
    ),
    "state-read": (
        "{environments} 個の実行環境で、{moments} 時点のうち {read} 時点の状態を読みました"
        "{cut:| (1 時点は途中まで)| ({cut} 時点は途中まで)}。"
    ),
    "state-not-read": "状態は読んでいません。",
    "state-timed-out": "メモリを読むプローブを付けるとすべてのリクエストがタイムアウトしたため、メモリは読んでいません。タイムアウトを延ばしてください。",
    "state-without-probe": "{runtimes:=or} のプロセスがメモリに保持しているものは読み取れません。読み取ったのは /tmp だけです。",
    "probe-disturbed-after": (
        "関数がプローブを妨げたため、読み取った状態は根拠になりません。"
        "{request:初期化の後|リクエスト 1 の後|リクエスト {request:=plain} の後}: "
        "{how}{more:| 同じことがもう 1 回ありました。| 同じことがほかに {more} 回ありました。}"
    ),
    # what happened to the probe
    "probe-silent": "プローブから何も届きませんでした。",
    "probe-frames": "1 件のはずの報告が {frames} 件届きました。",
    "probe-unreadable": "届いたものはプローブの報告ではありませんでした。",
    "probe-out-of-turn": "報告は別の時点のものでした。",
    "probe-replaced": "関数が {names} を置き換えました。",
    "state-missing": "報告が届きませんでした。",
    # steps
    "step-request": "{function:{function} への |}{request:=number}{asynchronous: (非同期)|}",
    "step-requests": "リクエスト {first:=plain} から {last:=plain} を同時に送る",
    "step-wait": "{seconds} 秒待つ",
    "step-initialize": "{function:{function} の|}実行環境を {environments} 個、前もって初期化する",
    "step-recycle-all": "{function:{function} の|}すべての実行環境を終了する",
    "step-recycle-one": "{function:{function} の|}最も長く使われていない実行環境を終了する",
    "step-reserve": "{function:{function} の|}同時実行数{concurrency:を {concurrency} 予約する|の予約をやめる}",
    "step-provision": "{function:{function} の|}実行環境を {environments:=plain} 個、プロビジョニングしておく",
    "step-deploy": "{function} をデプロイする",
    "step-interrupted": "{step} (中断)",
    "time-ran-out": (
        "実行の制限時間 ({seconds} 秒) に達し、次のステップが残りました: {steps}{more:|、ほか 1 個|、ほか {more} 個}。"
    ),
    "time-ran-out-at-the-end": "実行環境を終了している間に、実行の制限時間 ({seconds} 秒) に達しました。",
    # late work
    "line-names-request": (
        "この行にはリクエスト {request:=plain} の ID があります。再開後、ランタイムがリクエスト {ran_in:=plain} を"
        "受け取る前に書かれました。"
    ),
    "replay-shows-work": f"プローブを付けた再生で、{_STARTED}が開始した{{work:=word}}が確認されました。",
    "replay-shows-child": (
        "プローブを付けた再生では、ランタイムのプロセスはこの行を書かず、"
        f"{_STARTED}が開始した子プロセスがまだ動いていました。"
    ),
    "replay-shows-effect": (
        f"プローブを付けた再生で、{_STARTED}が開始した{{work:=word}}がこれを行いました。"
        "{at_peer:接続先の記録にも残っています。|実行そのもののファイルは調べていません。}"
    ),
    "changed-file": "{path} {how:=word}",
    "sent-bytes": "{peer} への {bytes} バイトの送信",
    **(FAILURES | DOING),
    # progress
    "waiting-for-the-engine": "サンドボックスのエンジンが応答していません。復旧すると実行が始まります。",
    "waiting-for-a-worker": "ワーカーを待っています。",
    "sandbox-is-starting": "サンドボックスを開始しています。",
    "verdict-is-being-proven": "シナリオが終わりました。判定を証明しています。",
    "verdict-is-being-drawn-up": "シナリオが終わりました。判定をまとめています。",
    "environment-is": "{environment}: {doing:=word}。",
    "step-begins": "ステップ {number}: {step}。",
    "request-runs": "{request:=number} を処理しています。",
    "request-is-answered": "{request:=number} に応答しました。",
    **PROBLEMS,
    **SANDBOXES,
    **SOURCES,
    **REPORTS,
}

REQUESTS: Final = ("リクエスト {all}", "リクエスト {all}")

_WORK: Final = {
    "thread": "スレッド",
    "timer": "タイマー",
    "child": "子プロセス",
    "promise": "プロミス",
    "unknown": "処理",
}

WORDS: Final = {
    **(SANDBOX_WORDS | ACCOUNT_WORDS),
    "form": {
        "plain": "そのまま",
        "lower-case": "小文字で",
        "upper-case": "大文字で",
        "title-case": "語頭を大文字にして",
        "reversed": "逆順で",
        "trimmed": "前後の空白を除いて",
        "url-encoded": "URL エンコードされて",
        "json-escaped": "JSON でエスケープされて",
        "html-escaped": "HTML でエスケープされて",
        "base64": "Base64 で",
        "base64url": "Base64url で",
        "hex": "16 進表記で",
        "md5": "MD5 ハッシュとして",
        "sha-1": "SHA-1 ハッシュとして",
        "sha-256": "SHA-256 ハッシュとして",
        "sha-512": "SHA-512 ハッシュとして",
        "sha-256-base64": "Base64 の SHA-256 ハッシュとして",
    },
    "outcome": OUTCOMES,
    "work": _WORK,
    "work-in-text": _WORK,
    "role": {"written": "書き込み", "read": "読み取り", "declared": "宣言", "removed": "削除"},
    "how": {
        "wrote": "への書き込み",
        "removed": "の削除",
        "renamed": "への改名",
        "made-folder": "フォルダーの作成",
        "removed-folder": "フォルダーの削除",
    },
    "purpose": {
        "alone": "コールドスタートで",
        "history": "同じものをもう一度",
        "xray": "プローブを付けて",
        "interference": "入力を変えて",
        "carrier": "状態を戻して",
        "account": "アカウントを戻して",
    },
    "doing": {
        "starting": "起動中",
        "init": "初期化中",
        "init-again": "再度の初期化中 (抑制された初期化)",
        "initialised": "初期化済み",
        "frozen": "フリーズ中",
        "reset-after-timeout": "タイムアウト後のリセット中",
        "reset-after-failure": "失敗後のリセット中",
        "shutting-down": "シャットダウン中",
    },
    "oracle": {
        "marker": "値がそのまま見つかった",
        "history": "コールドスタートとの比較",
        "interference": "入力の変更",
        "xray": "メモリーでの保持",
        "carrier": "状態のリセット",
        "account": "アカウントの復元",
    },
    "root": {
        "module": "モジュール変数",
        "tmp-file": "ファイル",
        "peer": "接続",
    },
    "grade": {"leak": "漏えい", "history-dependent": "履歴に依存", "retained": "残留"},
    "kind": {
        "answer-leak": "応答への漏えい",
        "log-leak": "ログへの漏えい",
        "background-log": "遅れて書かれたログの行",
        "retained": "残留",
        "history-dependent": "履歴に依存",
        "interference-without-data": "データを伴わない干渉",
    },
    "heading": {
        "services": "AWS のサービスを経由した値",
        "requests": "リクエスト",
        "account": "終了時のアカウント: リソースごとの件数",
        "log": "ログ",
        "checks": "確認したこと",
        "summary": "まとめ",
    },
    "column": {
        "#": "#",
        "as": "送信者",
        "environment": "実行環境",
        "start": "起動",
        "outcome": "結果",
        "duration": "所要時間",
        "billed": "課金対象",
        "init": "初期化",
        "memory": "メモリー",
        "answer": "応答",
    },
    "start": {
        "cold": "コールド",
        "warm": "ウォーム",
        "provisioned": "プロビジョニング済み",
        "restored": "復元",
        "suppressed-init": "抑制された初期化",
        "none": "–",
    },
    "verdict": {
        "not-played": "未実行",
        "leak": "漏えい",
        "history-dependent": "履歴に依存",
        "retained": "残留",
        "clean": "問題なし",
        "undetermined": "判定できず",
        "nothing-to-compare": "比較対象なし",
        "did-not-load": "読み込み失敗",
        "every-request-failed": "すべて失敗",
        "timed-out": "タイムアウト",
    },
    "confidence": {"proven": "証明済み", "strong": "強い証拠", "suspected": "疑い"},
    "severity": {"critical": "致命的", "high": "高", "medium": "中", "low": "低", "info": "情報"},
    "hint": HINTS,
    "unit": {"none": "", "mb": " (MB)", "seconds": " (秒)"},
    "what": {"name": "名前", "port": "ポート"},
}
