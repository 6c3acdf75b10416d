"""Who asked: a colour for each caller, and what came from one caller to another."""
