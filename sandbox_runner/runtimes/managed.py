"""Every identifier that Lambda has for a runtime, with the dates of its end. Pure.

Identifiers: the enumeration ``Runtime`` of Lambda's own API, in botocore 1.44.8 (data/lambda/2015-03-31), and those
that AWS's page :data:`SOURCE` has for container images alone. Dates: that page, tables "Supported runtimes" and
"Deprecated runtimes", as aws-cloudformation/cfn-lint 1.58.0 keeps them
(src/cfnlint/data/AdditionalSpecs/LmbdRuntimeLifecycle.json), read on :data:`READ_ON`; of .NET 5 and 7, which it no
longer has, endoflife-date/endoflife.date keeps them (products/aws-lambda.md). What has no dates there is in preview, or
new.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

SOURCE: Final = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"
READ_ON: Final = date(2026, 11, 29)

OWN_RUNTIME: Final = "provided.al2023"
"""The runtime on which a function brings its own."""

CUSTOMERS: Final = "custom"
"""The family, and the identifier, of every runtime that somebody keeps in an AWS account.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-customer-managed.html: its ARN is in ``RuntimeConfig``.
"""

FAMILIES: Final = {
    "python": "Python",
    "node": "Node.js",
    "java": "Java",
    "dotnet": ".NET",
    "go": "Go",
    "ruby": "Ruby",
    "provided": OWN_RUNTIME,
    CUSTOMERS: "Customer-managed runtime",
}
"""What each family is called."""


@dataclass(frozen=True, slots=True)
class ManagedRuntime:
    """One identifier.

    :ivar family: what it runs, as a language of :mod:`.registry` is filed (``python``), or ``java``, ``provided`` ….
    :ivar label: its name for a person.
    :ivar successor: what Lambda recommends instead, or empty.
    :ivar deprecated: from when on it gets no more patches.
    :ivar create_blocked: from when on no function can be created with it.
    :ivar update_blocked: from when on no function that has it can be changed.
    """

    family: str
    identifier: str
    label: str
    successor: str = ""
    deprecated: date | None = None
    create_blocked: date | None = None
    update_blocked: date | None = None

    def is_refused(self, day: date) -> bool:
        """Whether Lambda creates no function with it on that day."""
        return self.create_blocked is not None and day >= self.create_blocked

    @property
    def refusal(self) -> str:
        """What Lambda answers where a function is to be created with it: danilop/LambdAuth, issue 73."""
        return (
            f"The runtime parameter of {self.identifier} is no longer supported for creating or updating AWS Lambda "
            f"functions. We recommend you use the new runtime ({self.successor}) while creating or updating functions."
        )


def _row(family: str, identifier: str, label: str, dates: str = "", instead: str = "") -> ManagedRuntime:
    """:param dates: deprecated, creating blocked, updating blocked."""
    return ManagedRuntime(family, identifier, label, instead, *map(date.fromisoformat, dates.split()))


MANAGED: Final = (
    _row("python", "python2.7", "Python 2.7", "2021-07-15 2021-07-15 2022-05-30", "python3.14"),
    _row("python", "python3.6", "Python 3.6", "2022-07-18 2022-07-18 2022-08-29", "python3.14"),
    _row("python", "python3.7", "Python 3.7", "2023-12-04 2024-01-09 2027-03-03", "python3.14"),
    _row("python", "python3.8", "Python 3.8", "2024-10-14 2027-02-01 2027-03-03", "python3.14"),
    _row("python", "python3.9", "Python 3.9", "2025-12-15 2027-02-01 2027-03-03", "python3.14"),
    _row("python", "python3.10", "Python 3.10", "2026-10-31 2027-02-01 2027-03-03", "python3.14"),
    _row("python", "python3.11", "Python 3.11", "2027-06-30 2027-07-31 2027-08-31", "python3.14"),
    _row("python", "python3.12", "Python 3.12", "2028-10-31 2028-11-30 2029-01-10", "python3.14"),
    _row("python", "python3.13", "Python 3.13", "2029-06-30 2029-07-31 2029-08-31", "python3.14"),
    _row("python", "python3.14", "Python 3.14", "2029-06-30 2029-07-31 2029-08-31"),
    _row("python", "python3.15", "Python 3.15"),
    _row("node", "nodejs", "Node.js 0.10", "2016-08-30 2016-09-30 2016-10-31", "nodejs24.x"),
    _row("node", "nodejs4.3", "Node.js 4.3", "2020-03-05 2020-02-03 2020-03-05", "nodejs24.x"),
    _row("node", "nodejs4.3-edge", "Node.js 4.3 edge", "2020-03-05 2019-03-31 2019-04-30", "nodejs24.x"),
    _row("node", "nodejs6.10", "Node.js 6.10", "2019-08-12 2019-07-12 2019-08-12", "nodejs24.x"),
    _row("node", "nodejs8.10", "Node.js 8.10", "2020-03-06 2020-02-04 2020-03-06", "nodejs24.x"),
    _row("node", "nodejs10.x", "Node.js 10", "2021-07-30 2021-07-30 2022-02-14", "nodejs24.x"),
    _row("node", "nodejs12.x", "Node.js 12", "2023-03-31 2023-03-31 2023-04-30", "nodejs24.x"),
    _row("node", "nodejs14.x", "Node.js 14", "2023-12-04 2024-01-09 2027-03-03", "nodejs24.x"),
    _row("node", "nodejs16.x", "Node.js 16", "2024-06-12 2027-02-01 2027-03-03", "nodejs24.x"),
    _row("node", "nodejs18.x", "Node.js 18", "2025-09-01 2027-02-01 2027-03-03", "nodejs24.x"),
    _row("node", "nodejs20.x", "Node.js 20", "2026-04-30 2027-02-01 2027-03-03", "nodejs24.x"),
    _row("node", "nodejs22.x", "Node.js 22", "2027-04-30 2027-06-01 2027-07-01", "nodejs24.x"),
    _row("node", "nodejs24.x", "Node.js 24", "2028-04-30 2028-06-01 2028-07-01"),
    _row("node", "nodejs26.x", "Node.js 26"),
    _row("java", "java8", "Java 8", "2024-01-08 2024-02-08 2027-03-03", "java25"),
    _row("java", "java8.al2", "Java 8 (Amazon Linux 2)", "2027-06-30 2027-07-31 2027-08-31", "java25"),
    _row("java", "java8.al2023", "Java 8 (Amazon Linux 2023)"),
    _row("java", "java11", "Java 11", "2027-06-30 2027-07-31 2027-08-31", "java25"),
    _row("java", "java11.al2023", "Java 11 (Amazon Linux 2023)"),
    _row("java", "java17", "Java 17", "2027-06-30 2027-07-31 2027-08-31", "java25"),
    _row("java", "java17.al2023", "Java 17 (Amazon Linux 2023)"),
    _row("java", "java21", "Java 21", "2029-06-30 2029-07-31 2029-08-31", "java25"),
    _row("java", "java25", "Java 25", "2029-06-30 2029-07-31 2029-08-31"),
    _row("dotnet", "dotnetcore1.0", ".NET Core 1.0", "2019-06-27 2019-06-30 2019-07-30", "dotnet10"),
    _row("dotnet", "dotnetcore2.0", ".NET Core 2.0", "2019-05-30 2019-04-30 2019-05-30", "dotnet10"),
    _row("dotnet", "dotnetcore2.1", ".NET Core 2.1", "2022-01-05 2022-01-05 2022-04-13", "dotnet10"),
    _row("dotnet", "dotnetcore3.1", ".NET Core 3.1", "2023-04-03 2023-04-03 2023-05-03", "dotnet10"),
    _row("dotnet", "dotnet5.0", ".NET 5 (container only)", "2022-05-10", "dotnet10"),
    _row("dotnet", "dotnet6", ".NET 6", "2024-12-20 2027-02-01 2027-03-03", "dotnet10"),
    _row("dotnet", "dotnet7", ".NET 7 (container only)", "2024-05-14", "dotnet10"),
    _row("dotnet", "dotnet8", ".NET 8", "2026-11-10 2027-02-01 2027-03-03", "dotnet10"),
    _row("dotnet", "dotnet9", ".NET 9 (container only)", "2026-11-10", "dotnet10"),
    _row("dotnet", "dotnet10", ".NET 10", "2028-11-14 2028-12-14 2029-01-15"),
    _row("go", "go1.x", "Go 1.x", "2024-01-08 2024-02-08 2027-03-03", "provided.al2023"),
    _row("ruby", "ruby2.5", "Ruby 2.5", "2021-07-30 2021-07-30 2022-03-31", "ruby4.0"),
    _row("ruby", "ruby2.7", "Ruby 2.7", "2023-12-07 2024-01-09 2027-03-03", "ruby4.0"),
    _row("ruby", "ruby3.2", "Ruby 3.2", "2026-03-31 2027-02-01 2027-03-03", "ruby4.0"),
    _row("ruby", "ruby3.3", "Ruby 3.3", "2027-03-31 2027-04-30 2027-05-31", "ruby4.0"),
    _row("ruby", "ruby3.4", "Ruby 3.4", "2028-03-31 2028-04-30 2028-05-31", "ruby4.0"),
    _row("ruby", "ruby4.0", "Ruby 4.0", "2029-03-31 2029-04-30 2029-05-31"),
    _row("provided", "provided", "OS-only (Amazon Linux)", "2024-01-08 2024-02-08 2027-03-03", "provided.al2023"),
    _row(
        "provided",
        "provided.al2",
        "OS-only (Amazon Linux 2)",
        "2026-07-31 2027-02-01 2027-03-03",
        "provided.al2023",
    ),
    _row("provided", "provided.al2023", "OS-only (Amazon Linux 2023)", "2029-06-30 2029-07-31 2029-08-31"),
    _row(CUSTOMERS, CUSTOMERS, "Customer-managed runtime"),
)
"""Each family's oldest first."""

BY_IDENTIFIER: Final = {each.identifier: each for each in MANAGED}
