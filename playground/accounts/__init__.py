"""People, teams, and the API tokens of their programs."""
