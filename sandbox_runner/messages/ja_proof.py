"""日本語: what is said of a proof. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

PROOF: Final = {
    # why it stopped
    "replays-used-up": "再生の上限 ({replays} 回) に達しました。",
    "seconds-used-up": "再生の制限時間 ({seconds} 秒) に達しました。",
    "stopped-on-request": "操作により証明を停止しました。",
    "replay-failed": "内部エラーのため再生に失敗しました。 {failure}",
    # progress
    "proof-begins": "証明中: 再生は最大 {most} 回です。",
    "replays-so-far": (
        "証明中: 再生 {wanted} 回のうち {played} 回が完了 ({purpose:=word}、{requests:=requests})。"
        "経過 {seconds} 秒 (上限 {seconds_max} 秒、再生 {most} 回)。"
    ),
    "judged-so-far": "現時点の判定: {grade:=word} ({confidence:=word})。 {doing}",
    "proof-ended": "{wanted} 回のうち {played} 回の再生で証明を終えました。 {why}",
    # what a longer one would add
    "longer-would-prove": "証明を続けると、未証明の検出結果 {findings} 件の証明を試みます。",
    "longer-would-place": "検出結果 {findings} 件について、値を運んだ場所を調べます。",
    "longer-would-compare": "{requests:=requests} の応答を、新しい環境での応答と比較します。",
    "longer-would-finish": "証明を続けると、残っている比較を行います。",
    "longer-would-take": "少なくとも再生 {replays} 回、約 {seconds} 秒かかります。",
}
