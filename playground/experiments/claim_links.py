"""Links that let a person claim what a program created through the API without a token.

Such an experiment has no owner. Its creator gets a link, once, in the response: it names the experiment and is signed
with the installation's key, so nothing is stored and nobody else can forge one. It works until it is used; from then on
the experiment belongs to a person or a browser like every other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.core.signing import Signer
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from playground.experiments.models import Experiment, Run

if TYPE_CHECKING:
    from playground.experiments.viewer import Viewer

_SIGNER: Final = Signer(salt="playground.experiments.claim_links")


def claim_address(experiment: Experiment) -> str | None:
    """The claim link for the creator; None if the experiment has an owner."""
    if not is_nobodys(experiment):
        return None
    return reverse("experiment-take", args=[experiment.pk, signature(experiment.pk)])


def signature(experiment_id: str) -> str:
    """A signature of that experiment which only this installation can create."""
    return _SIGNER.signature(experiment_id)


def is_genuine(experiment_id: str, told: str) -> bool:
    """Whether ``told`` is that experiment's signature."""
    return constant_time_compare(told, signature(experiment_id))


def is_nobodys(experiment: Experiment) -> bool:
    """Whether neither a person nor a browser owns it."""
    return experiment.owner_id is None and not experiment.browser_key


def take(experiment_id: str, by: Viewer) -> bool:
    """Make it this person's, or this browser's if nobody is signed in; False if it was claimed already.

    ``by`` is a person or has a browser key. Runs in it without an owner become theirs as well.
    """
    whose = {"owner_id": by.user_id, "browser_key": by.browser_key}
    with transaction.atomic():
        nobodys = Experiment.objects.present().filter(pk=experiment_id, owner=None, browser_key="")
        if not nobodys.update(**whose):
            return False
        Run.objects.filter(revision__experiment=experiment_id, owner=None, browser_key="").update(**whose)
    return True
