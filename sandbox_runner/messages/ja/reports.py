"""日本語: what stands around the rest of a result that is written as text. See :mod:`.rendering` for templates."""

from __future__ import annotations

from typing import Final

REPORTS: Final = {
    "report-finding": "{number}. {grade:=word} (深刻度: {severity:=word}、{confidence:=word})",
    "report-judged": "{grade:=word} (深刻度: {severity:=word}、{confidence:=word}):",
    "report-carrier": (
        "{place} ({root:=word}) を介して伝わりました{confirmed:。状態を戻して確認済み| (状態を戻しての確認はなし)}"
    ),
    "report-source": "{file}:{line:=plain} で{role:=word}",
    "report-evidence": "{oracle:=word}{path:: {path}|}{form:、{form:=word}|}",
    "report-nothing": "なし",
    "report-check": "{oracle:=word}{done:| (未実施)}:",
    "report-proof": "再生 {most} 回のうち {replays} 回、{seconds_max} 秒のうち {seconds} 秒。",
    "report-no-proof": "再生していません。証明は行わない設定です。",
    "report-stand-in": "{runtime} は {label} で実行します。",
    "report-sandbox": "{backend} サンドボックスで実行: {isolation}",
    "report-compressed": "長い待ち時間は短縮されました。サービスの時計は関数の時計より先に進みました。",
    "report-not-tried": "「未実行」のリクエストは試していません。",
    "report-cut": " (ほか {size} は省略)",
    "report-summary": (
        "シナリオ {scenarios} 件{fail_on:、--fail-on {fail_on} に該当 {failed} 件|}、"
        "実行できなかったもの {missing} 件。"
    ),
    "report-played": "シナリオの実行",
    "report-ended-before": "このリクエストの前に実行が終わりました",
    "report-no-reader": "検出結果 {number}: {kind:=word}{place: ({place})|}",
    "report-fingerprint": "フィンガープリント {fingerprint}",
}
