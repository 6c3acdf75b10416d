"""The gallery's own words in the languages that it is written in. Pure.

What an incident says of itself is in its folder; here is what all of them share: steps, outcomes, verdicts, headings.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

from sandbox_runner.scenario.account.settings import CallStep
from sandbox_runner.scenario.model import ConcurrentStep, InvokeStep, Step
from sandbox_runner.scenario.service_steps import (
    DeployStep,
    IdleStep,
    InitializeStep,
    ProvisionStep,
    RecycleStep,
    ReserveStep,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox_runner.scenario.request import Request

ENGLISH: Final = "en"
# Each language with its name in itself, for the link that switches to it.
LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "ja": "日本語"}

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "gallery": "Gallery",
        "lead": "Incidents from the field: each a handler, a scenario that shows it, and the fix.",
        "incident": "incident",
        "run": "Run",
        "run_fix": "Run the fix",
        "open": "Open in the editor",
        "sources": "Sources",
        "verdict": "Verdict",
        "request": "request {number}",
        "event": "asynchronous request {number}",
        "of": "{what} of {who}",
        "together": "at the same moment: {what}",
        "call": "{operation} is called from outside",
        "call-of": "{who} calls {operation}",
        "idle": "wait {seconds} s, frozen",
        "initialize-1": "an idle environment is pre-initialised",
        "initialize-n": "{count} idle environments are pre-initialised",
        "recycle-all": "every environment is shut down",
        "recycle-one": "the least recently used environment is shut down",
        "reserve": "a concurrency of {count} is reserved",
        "reserve-none": "no concurrency is reserved",
        "deploy": "{name} is deployed",
        "provision": "the number of provisioned environments is {count}",
        "success": "success",
        "function-error": "function error",
        "timeout": "timeout",
        "runtime-exit": "runtime exit",
        "extension-exit": "extension exit",
        "out-of-memory": "out of memory",
        "init-error": "init error",
        "throttled": "throttled",
        "request-too-large": "request too large",
        "made": "{size} bytes, made for this request",
        "not-played": "not played",
        "leak": "leak",
        "history-dependent": "history-dependent",
        "retained": "retained",
        "clean": "clean",
        "undetermined": "undetermined",
        "nothing-to-compare": "nothing to compare",
    },
    "ja": {
        "gallery": "ギャラリー",
        "lead": "現場で起きたインシデント集です。それぞれに、ハンドラー、現象を再現するシナリオ、修正版があります。",
        "incident": "インシデント",
        "run": "実行",
        "run_fix": "修正版を実行",
        "open": "エディターで開く",
        "sources": "出典",
        "verdict": "判定",
        "request": "リクエスト {number}",
        "event": "非同期リクエスト {number}",
        "of": "{what} ({who})",
        "together": "同時に: {what}",
        "call": "外部から {operation} が呼び出される",
        "call-of": "{who} が {operation} を呼び出す",
        "idle": "{seconds} 秒待つ (フリーズ中)",
        "initialize-1": "サービスが、リクエストを待たずに実行環境を 1 つ用意する",
        "initialize-n": "サービスが、リクエストを待たずに実行環境を {count} つ用意する",
        "recycle-all": "すべての実行環境が終了する",
        "recycle-one": "最後に使われたのが最も古い実行環境が終了する",
        "reserve": "同時実行数が {count} 予約される",
        "reserve-none": "同時実行数の予約がなくなる",
        "deploy": "{name} がデプロイされる",
        "provision": "プロビジョニング済みの実行環境が {count} 個になる",
        "success": "成功",
        "function-error": "関数エラー",
        "timeout": "タイムアウト",
        "runtime-exit": "ランタイムの終了",
        "extension-exit": "拡張機能の終了",
        "out-of-memory": "メモリ不足",
        "init-error": "初期化エラー",
        "throttled": "スロットリング",
        "request-too-large": "リクエストが大きすぎる",
        "made": "{size} バイト (このリクエストのために生成)",
        "not-played": "未実行",
        "leak": "漏えい",
        "history-dependent": "履歴に依存",
        "retained": "残留",
        "clean": "問題なし",
        "undetermined": "判定できず",
        "nothing-to-compare": "比較対象なし",
    },
}


@dataclass(frozen=True, slots=True)
class ToldStep:
    """A step in words; of a request also its number from 1 and its payload."""

    words: str
    payload: str = ""
    request: int | None = None


def told(steps: tuple[Step, ...], language: str) -> tuple[ToldStep, ...]:
    """Steps in words; requests of the same moment come one after another, each saying so."""
    numbers = count(1)
    return tuple(said for step in steps for said in _told(step, WORDS[language], numbers))


def _told(step: Step, words: Mapping[str, str], numbers: Iterator[int]) -> Iterator[ToldStep]:
    match step:
        case InvokeStep(invoke=request):
            yield _request(request, words, "{what}", next(numbers))
        case ConcurrentStep(concurrent=requests):
            yield from (_request(each, words, words["together"], next(numbers)) for each in requests)
        case CallStep(call=call):
            frame = words["call-of" if call.principal else "call"]
            what = frame.format(operation=call.operation.written, who=call.principal)
            yield ToldStep(what, json.dumps(call.parameters, ensure_ascii=False))
        case IdleStep(idle=seconds):
            yield ToldStep(words["idle"].format(seconds=f"{seconds:g}"))
        case InitializeStep(initialize=many):
            yield ToldStep(words["initialize-1" if many == 1 else "initialize-n"].format(count=many))
        case RecycleStep(recycle=which):
            yield ToldStep(words[f"recycle-{which}"])
        case ReserveStep(reserve=many):
            yield ToldStep(words["reserve-none" if many is None else "reserve"].format(count=many))
        case ProvisionStep(provision=many):
            yield ToldStep(words["provision"].format(count=many))
        case DeployStep(deploy=revision):
            yield ToldStep(words["deploy"].format(name=revision))


def _request(request: Request, words: Mapping[str, str], frame: str, number: int) -> ToldStep:
    kind = words["event" if request.type == "event" else "request"]
    what = kind.format(number=number)
    if request.principal:
        what = words["of"].format(what=what, who=request.principal)
    made = words["made"].format(size=f"{request.payload_bytes:,}") if request.payload_bytes else ""
    payload = made or json.dumps(request.payload, ensure_ascii=False)
    return ToldStep(frame.format(what=what), payload, request=number)
