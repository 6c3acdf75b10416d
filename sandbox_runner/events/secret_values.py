"""What is blanked of a call to an AWS service wherever it is shown: values of secrets, as in the account's state. Pure.

The event log keeps them, because a verdict compares what one request stored with what another got.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.events.records import AccountCalled

_CALLED: Final = "account.called"
_BLANK: Final = "***"
# By service, what holds a secret wherever it stands in parameters and answers.
_FIELDS: Final = {
    "cognito-idp": ("AccessToken", "IdToken", "PASSWORD", "Password", "ProposedPassword", "RefreshToken"),
    "iam": ("Password", "SecretAccessKey"),
    "kms": ("Plaintext", "PrivateKeyPlaintext"),
    "secretsmanager": ("RandomPassword", "SecretBinary", "SecretString"),
    "sts": ("SecretAccessKey", "SessionToken"),
}
_PARAMETER: Final = "Value"
_SECURE: Final = "SecureString"


def shown_texts(service: str, parameters: str, answer: str) -> dict[str, str]:
    """The parameters and the answer of a call as they are shown, by those names."""
    texts = {"parameters": parameters, "answer": answer}
    if service != "ssm" and service not in _FIELDS:
        return texts
    return {name: _blanked(service, text) for name, text in texts.items()}


def with_secrets_blanked(call: AccountCalled) -> AccountCalled:
    """The call as it is shown."""
    return call.model_copy(update=shown_texts(call.service, call.parameters, call.answer))


def told_with_secrets_blanked(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A record of any kind in its JSON form, as it is shown."""
    if record.get("type") != _CALLED:
        return record
    return {**record, **shown_texts(str(record["service"]), str(record["parameters"]), str(record["answer"]))}


def _blanked(service: str, text: str) -> str:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        # The beginning of a text, or XML.
        return _blanked_text(text, _FIELDS.get(service, (_PARAMETER,)))
    found = _without(service, told)
    return text if found == told else json.dumps(found, ensure_ascii=False)


def _without(service: str, told: Any) -> Any:
    if isinstance(told, list):
        return [_without(service, each) for each in told]
    if not isinstance(told, dict):
        return told
    hidden = _FIELDS.get(service) or ((_PARAMETER,) if told.get("Type") == _SECURE else ())
    return {key: _BLANK if key in hidden else _without(service, each) for key, each in told.items()}


def _blanked_text(text: str, fields: tuple[str, ...]) -> str:
    names = "|".join(fields)
    text = re.sub(rf'("(?:{names})"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\\?\Z)', rf'\1"{_BLANK}"', text)
    return re.sub(rf"(<(?:{names})>)[^<]*", rf"\g<1>{_BLANK}", text)
