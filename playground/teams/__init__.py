"""Teams: members, roles and invitations. Their models are in :mod:`playground.accounts.models`."""
