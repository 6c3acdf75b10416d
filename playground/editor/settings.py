"""The settings of a scenario that have a field of their own behind "more": their names, words and how they are read.

Pure. One table says all of it, and the page, the form and the sentences are made from it. A field that is empty stands
for the default, which its placeholder shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from playground.i18n.marking import N_, _
from sandbox_runner import limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.scenario.model import Function, Scenario

Group = Literal["environments", "asynchronous", "function", "logs"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One field. ``name`` is the scenario's own; ``words`` are what a sentence calls it.

    ``choices`` are pairs of value and label, the default first; without them the field is a text, ``usual`` its
    placeholder. ``reads`` says what the text is: a whole number, a length of time, one of the choices, or an ARN.
    """

    name: str
    group: Group
    label: str
    words: str
    reads: Literal["whole", "time", "choice", "yes-no", "arn"]
    choices: tuple[tuple[str, str], ...] = ()
    usual: str = ""
    unit: str = ""
    hint: str = ""

    @property
    def of_function(self) -> bool:
        """Whether the scenario has it below ``function``."""
        return self.group in ("function", "logs")


_LEVELS: Final = (
    ("", N_("as Lambda chooses")),
    *((level, level) for level in ("TRACE", "DEBUG", "INFO", "WARN", "ERROR")),
)

SETTINGS: Final = (
    Setting(
        "initialization",
        "environments",
        N_("Initialisation"),
        N_("The initialisation"),
        "choice",
        (("on-demand", N_("on demand")), ("provisioned-concurrency", N_("provisioned concurrency"))),
    ),
    Setting(
        "provisioned_concurrency",
        "environments",
        N_("Provisioned environments"),
        N_("The number of provisioned environments"),
        "whole",
        usual="0",
        hint=N_("initialised before the first step"),
    ),
    Setting(
        "reserved_concurrency",
        "environments",
        N_("Reserved concurrency"),
        N_("Reserved concurrency"),
        "whole",
        usual=N_("none"),
        hint=N_("requests in flight, not environments"),
    ),
    Setting(
        "concurrency_per_environment",
        "environments",
        N_("Requests at once in an environment"),
        N_("The number of requests at once in an environment"),
        "whole",
        usual=N_("one at a time"),
        hint=N_("as on Managed Instances; the log has to be JSON"),
    ),
    Setting(
        "placement",
        "environments",
        N_("A request goes to the environment"),
        N_("The placement"),
        "choice",
        (("most-recently-used", N_("most recently used")), ("least-recently-used", N_("least recently used"))),
    ),
    Setting(
        "spare_environments",
        "environments",
        N_("Spare environments"),
        N_("Spare environments"),
        "yes-no",
        (("", N_("only where a step asks")), ("yes", N_("prepared by the service"))),
        hint=N_("after a reset and when more are in use"),
    ),
    Setting("spin_down_after", "environments", N_("Spin-down after"), N_("The spin-down"), "time", usual=N_("never")),
    Setting(
        "init_limit",
        "environments",
        N_("Init limit"),
        N_("The init limit"),
        "time",
        usual=f"{limits.ON_DEMAND_INIT_S}s",
        hint=N_("lowered only to keep a run short"),
    ),
    Setting(
        "max_retry_attempts",
        "asynchronous",
        N_("Retries"),
        N_("The number of retries"),
        "whole",
        usual=str(limits.RETRY_ATTEMPTS_MAX),
        hint=N_("after 1 and 2 minutes"),
    ),
    Setting(
        "max_event_age_s",
        "asynchronous",
        N_("Kept at most"),
        N_("The maximum age"),
        "whole",
        usual=str(limits.EVENT_AGE_S_MAX),
        unit="s",
    ),
    Setting(
        "on_success",
        "asynchronous",
        N_("On success, a record to"),
        N_("The destination on success"),
        "arn",
        usual="arn:aws:sqs:…:done",
        hint=N_("a queue, topic, function or event bus"),
    ),
    Setting(
        "on_failure",
        "asynchronous",
        N_("On failure, a record to"),
        N_("The destination on failure"),
        "arn",
        usual="arn:aws:sns:…:failed",
        hint=N_("the same, or a bucket"),
    ),
    Setting(
        "dead_letter",
        "asynchronous",
        N_("On failure, the event to"),
        N_("The dead-letter queue"),
        "arn",
        usual="arn:aws:sqs:…:dead",
        hint=N_("a dead-letter queue or topic"),
    ),
    Setting(
        "tmp_mb",
        "function",
        N_("Room in /tmp"),
        N_("The size of /tmp"),
        "whole",
        usual=str(limits.TMP_MB_DEFAULT),
        unit="MB",
    ),
    Setting(
        "cpu",
        "function",
        "CPU",
        N_("The CPU"),
        "choice",
        (("unthrottled", N_("unthrottled")), ("proportional", N_("in proportion to memory"))),
    ),
    Setting(
        "log_format", "logs", N_("Format"), N_("The log format"), "choice", (("text", N_("text")), ("json", "JSON"))
    ),
    Setting(
        "log_style",
        "logs",
        N_("Style"),
        N_("The log style"),
        "choice",
        (("current", N_("current")), ("older", N_("older"))),
        hint=N_("of timeouts and crashes, in text"),
    ),
    Setting(
        "log_level",
        "logs",
        N_("Function's level"),
        N_("The function's log level"),
        "choice",
        _LEVELS,
        hint=N_("JSON only"),
    ),
    Setting(
        "system_log_level",
        "logs",
        N_("System's level"),
        N_("The system's log level"),
        "choice",
        (_LEVELS[0], *((level, level) for level in ("DEBUG", "INFO", "WARN"))),
        hint=N_("JSON only"),
    ),
)
BY_NAME: Final = {setting.name: setting for setting in SETTINGS}


def usual(setting: Setting, typed: str) -> bool:
    """Whether the field stands for the default: it is empty, or its first choice."""
    return not typed or bool(setting.choices and typed == setting.choices[0][0])


def settings_mapping(typed: Mapping[str, str], errors: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What goes into the scenario itself, and what into its function; ``errors`` gets a sentence for each problem."""
    of_scenario: dict[str, Any] = {}
    of_function: dict[str, Any] = {}
    for setting in SETTINGS:
        text = typed.get(setting.name, "")
        if not usual(setting, text):
            (of_function if setting.of_function else of_scenario)[setting.name] = _value(setting, text, errors)
    return of_scenario, of_function


def _value(setting: Setting, text: str, errors: dict[str, str]) -> Any:
    if setting.reads == "yes-no":
        return text == "yes"
    if setting.reads != "whole":
        return text
    if re.fullmatch(r"-?[0-9]{1,9}", text):
        return int(text)
    errors[setting.name] = _("%(what)s is %(text)s; write a whole number.") % {
        "what": _(setting.words),
        "text": repr(text[:40]),
    }
    return 0


def typed_settings(scenario: Scenario, function: Function) -> dict[str, str]:
    """What a person would have typed for the settings of one of its functions: only those that are not the default."""
    found: dict[str, str] = {}
    for setting in SETTINGS:
        holder: Function | Scenario = function if setting.name in type(function).model_fields else scenario
        value = getattr(holder, setting.name)
        if value != type(holder).model_fields[setting.name].default:
            found[setting.name] = _text(setting, value)
    return found


def _text(setting: Setting, value: Any) -> str:
    if setting.reads == "time":
        return seconds_text(value)
    return "yes" if setting.reads == "yes-no" else str(value)


def seconds_text(seconds: float) -> str:
    """``2s``, ``0.25s``: what is read as the same number again."""
    return f"{seconds!r}s".replace(".0s", "s")
