"""Japanese for what a sandbox isolates, and how it does what Lambda does. How a template is read: :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

SANDBOXES: Final = {
    "isolated-in-container": (
        "{runtime:{runtime} ランタイム|このマシンのカーネル}上の専用の Docker コンテナです。ネットワークはなく、"
        "ルートファイルシステムは読み取り専用で、ユーザーのコードは特権のないユーザーとして動きます。"
    ),
    "isolated-in-namespaces": (
        "このマシンのカーネル上の Linux 名前空間です ({rootless:専用のユーザー名前空間、|}専用のプロセス、マウント、"
        "ネットワーク、IPC、ホスト名)。ネットワークはなく、ルートファイルシステムは読み取り専用ですが、"
        "システムコールは制限されません。自分のコードだけに使ってください。"
    ),
    "isolated-by-nothing": "何も隔離されていません。サンドボックスは作られませんでした。",
    "network-loopback-only": "専用のループバックだけです。Lambda ではインターネットに接続できます",
    "root-read-only": "はい。書き込めるのは /tmp だけです",
    "shared-memory-absent": "Lambda と同じく /dev/shm はありません",
    "tmp-bounded": "指定された大きさの tmpfs で、ファイル数には上限があります",
    "descriptors-bounded": "Lambda と同じくプロセスごとに {most} 個",
    "cpu-unthrottled": (
        "関数が cpu: proportional を指定しないかぎり制限されません。Lambda では {full_mb} MB で 1 プロセッサー分です"
    ),
    "cpu-never-throttled": ("関数の指定にかかわらず制限されません。ここではコントロールグループを作れません"),
    "memory-supervised": ("関数のメモリーを超えたものはスーパーバイザーが終了させます。{behind:=word}"),
    "processes-bounded": (
        "プロセスとスレッドは{shared:このユーザーのサンドボックス全体|サンドボックスごと}で {most} 個まで"
    ),
    "system-calls-filtered": "Docker エンジンの標準のフィルター",
    "system-calls-unfiltered": "ありません。特権のないユーザーが使えるシステムコールはすべて使えます",
    "user-unprivileged": (
        "uid {uid}、gid {gid}、ケーパビリティなし、特権の追加なし。スーパーバイザーは 3 つのケーパビリティを持つ"
        "{rootless:ユーザー名前空間の root| root} です"
    ),
    "init-limit-changed": "シナリオの指定により {seconds} 秒 (Lambda では {lambda_s} 秒)",
}
SANDBOX_WORDS: Final = {
    "behind": {
        "container": "その後ろにはコンテナ自身の上限 (スワップなし) があります",
        "group": "その後ろにはコントロールグループの上限 (スワップなし) があります",
        "nothing": "ここではコントロールグループを作れないため、ほかに上限はありません",
    },
    "aspect": {
        "network": "ネットワーク",
        "read-only-root": "読み取り専用のルート",
        "shared-memory": "共有メモリー",
        "tmp": "一時ファイル",
        "file-descriptors": "ファイルディスクリプター",
        "cpu": "CPU",
        "memory-limit": "メモリーの上限",
        "pids-limit": "プロセス数の上限",
        "seccomp": "seccomp",
        "user": "ユーザー",
        "init-limit": "初期化の上限",
    },
}
