"""The link by which somebody takes what a program without a token made through the API.

Such an experiment is nobody's. Whoever made it is told a link, once, in the answer: it names the experiment and is
signed with the installation's key, so nothing is stored and nobody else can make one up. It works until somebody used
it; from then on the experiment is a person's or a browser's like every other.
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
    """The address for whoever has just made it; None where it is somebody's."""
    if not is_nobodys(experiment):
        return None
    return reverse("experiment-take", args=[experiment.pk, signature(experiment.pk)])


def signature(experiment_id: str) -> str:
    """What only this installation can say of that experiment."""
    return _SIGNER.signature(experiment_id)


def is_genuine(experiment_id: str, told: str) -> bool:
    """Whether ``told`` is that experiment's signature."""
    return constant_time_compare(told, signature(experiment_id))


def is_nobodys(experiment: Experiment) -> bool:
    """Whether neither a person nor a browser holds its edit right."""
    return experiment.owner_id is None and not experiment.browser_key


def take(experiment_id: str, by: Viewer) -> bool:
    """Make it this person's, or this browser's where nobody signed in; False where somebody was quicker.

    ``by`` is a person or has a browser's key. The runs in it that nobody started become theirs as well.
    """
    whose = {"owner_id": by.user_id, "browser_key": by.browser_key}
    with transaction.atomic():
        nobodys = Experiment.objects.present().filter(pk=experiment_id, owner=None, browser_key="")
        if not nobodys.update(**whose):
            return False
        Run.objects.filter(revision__experiment=experiment_id, owner=None, browser_key="").update(**whose)
    return True
