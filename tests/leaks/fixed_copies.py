"""Handlers of the corpus and the held-out set, with the fix that is proposed for what carried their leak."""

from __future__ import annotations

from playground.run_page.repairs.fixes import fix_of
from sandbox_runner.results.model import Location
from tests.leaks.cases import read_cases
from tests.playground.run_results import finding

CASES = {case.name: case for name in ("corpus", "held_out") for case in read_cases(name)}
# What is written into each, by the case. The others of the same kind are fixed alike.
RESETS = {
    "python-environment-variable": ['os.environ.pop("CURRENT_USER", None)'],
    "python-working-directory": ['os.chdir("/var/task")'],
    "python-seeded-random": ["random.seed()"],
    "python-lru-cache-no-argument": ["profile.cache_clear()"],
    "python-context-variable": ['user.set("")'],
    "python-logger-filter": ["logging.getLogger().filters.clear()"],
    "python-logger-handler": ['logging.getLogger("shop").handlers.clear()'],
    "python-tmp-file": ['if os.path.exists("/tmp/report.csv"):', 'os.remove("/tmp/report.csv")'],
    "python-order-accumulator": ["global batch", "batch = []"],
    "node-environment": ["delete process.env.CURRENT;"],
    "node-global": ["delete globalThis.currentUser;"],
    "node-context-store": ["context.enterWith(undefined);"],
    "node-event-listener": ["bus.removeAllListeners();"],
    "node-process-listener": ['process.removeAllListeners("whose");'],
    "node-tmp-file": ['import { rmSync } from "node:fs";', 'rmSync("/tmp/last.txt", { force: true });'],
    "node-pending-promise": ["outbox.length = 0;"],
}
ANEW = {
    "python-default-argument": [
        "def rows(user, collected=None):",
        "if collected is None:",
        "collected = []",
    ],
    "python-class-attribute": ["def __init__(self):", "self.items = []"],
}
MOVED = {
    "python-instance-attribute": ["service = Service()"],
    "node-class-builder": ["const query = new Query();"],
    "node-shared-object": ['const headers = { "Content-Type": "application/json" };'],
}
FIXED = {
    name: (how, lines)
    for how, of in (("reset", RESETS), ("anew", ANEW), ("moved", MOVED))
    for name, lines in of.items()
}
# No edit that leaves everything else as it is: work and processes that go on, what other modules hold, prototypes.
NOT_FIXED = (
    *("node-child-process", "node-interval", "node-module-from-tmp", "node-package-defaults", "node-patched-global"),
    *("node-prototype-pollution", "node-set-timeout-log", "python-descriptor-offset", "python-module-from-tmp"),
    *("python-monkeypatch", "python-other-module", "python-package-defaults", "python-sqlite-memory"),
)


def fix_for(name):
    function, carrier = CASES[name].scenario.function, CASES[name].expect["carrier"]
    root = "tmp-file" if carrier.startswith("/tmp/") else "python-module"
    found = finding(location=Location(root=root, path=carrier))
    return fix_of(function.files, function.handler, found, function.environment)
