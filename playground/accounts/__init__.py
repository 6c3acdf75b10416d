"""People, their teams, and the tokens with which their programs sign in."""
