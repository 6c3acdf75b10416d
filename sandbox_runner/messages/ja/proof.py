"""日本語: what is said of a proof. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

PROOF: Final = {
    # why it stopped
    "replays-used-up": "再生の上限 ({replays} 回) に達しました。",
    "seconds-used-up": "再生の制限時間 ({seconds} 秒) に達しました。",
    "stopped-on-request": "操作により証明を停止しました。",
    "replay-failed": "内部エラーのため再生に失敗しました。 {failure}",
    # why it does not go on
    "image-changed": (
        "この実行のサンドボックスイメージ ({detail}) は現在のものと異なるため、証明を続けられません。もう一度実行してください。"
    ),
    # progress
    "proof-begins": "証明中: 再生は最大 {most} 回です。",
    "replays-so-far": (
        "証明中: 再生 {wanted} 回のうち {played} 回が完了 ({purpose:=word}、{requests:=requests})。"
        "経過 {seconds} 秒 (上限 {seconds_max} 秒、再生 {most} 回)。"
    ),
    "judged-so-far": "現時点の判定: {grade:=word} ({confidence:=word})。 {doing}",
    "proof-ended": "{wanted} 回のうち {played} 回の再生で証明を終えました。 {why}",
    # what a longer one would add
    "longer-would-prove": "検出結果 {findings} 件はまだ証明されていません。",
    "longer-would-place": "検出結果 {findings} 件は、値を運んだ場所がまだ確認されていません。",
    "longer-would-compare": "{requests:=requests} の応答は、新しい環境での応答とまだ比較していません。",
    "longer-would-finish": "一部の比較が残っています。",
    "longer-would-take": "証明を続けると調べられます。再生約 {replays} 回、約 {seconds} 秒かかります。",
}
