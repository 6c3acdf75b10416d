"""``manage.py generate_experiments 100000``: experiments for measuring search and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.management.base import BaseCommand, CommandError

from playground.accounts.models import Team, User
from playground.accounts.roles import Role
from playground.library.generated.experiments import Generator
from playground.library.generated.rows import store_generated

if TYPE_CHECKING:
    from argparse import ArgumentParser

_SAID_EVERY: Final = 10_000
_COUNT_MAX: Final = 1_000_000


class Command(BaseCommand):
    """Store generated experiments with runs and search documents, in addition to existing ones."""

    help = "Store generated experiments, with runs and search documents, beside what is there. Nothing is played."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many, and the seed."""
        parser.add_argument("count", type=int, help=f"how many, at most {_COUNT_MAX:,}")
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same experiments (default 1)")

    def handle(self, *_: Any, count: int, seed: int, **__: Any) -> None:
        """Store them, reporting progress."""
        if not 1 <= count <= _COUNT_MAX:
            raise CommandError(f"count is {count:,}; give a number from 1 to {_COUNT_MAX:,}.")
        people, teams = _people()
        for stored in store_generated(Generator(seed), count, people, teams):
            if stored % _SAID_EVERY == 0 or stored == count:
                self.stdout.write(f"{stored:,} of {count:,}")


def _people() -> tuple[list[User], list[Team]]:
    """Twenty people, who cannot sign in, and their five teams."""
    people = [User.objects.get_or_create(username=f"generated-{number}")[0] for number in range(20)]
    teams = [Team.objects.get_or_create(name=f"Generated team {number}")[0] for number in range(1, 6)]
    for at, person in enumerate(people):
        teams[at % len(teams)].memberships.get_or_create(user=person, defaults={"role": Role.EDITOR})
    return people, teams
