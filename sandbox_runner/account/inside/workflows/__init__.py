"""Runs inside the account's sandbox: executions of Step Functions' state machines, as data that only orders move.

No thread waits here and nothing sleeps, because a copy of an account is a fork and a fork has no threads. The host says
what time it is and what became of tasks; an execution says which tasks it has and when it wants to be asked again.
Amazon States Language: https://states-language.net/spec.html.
"""
