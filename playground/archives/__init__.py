"""Zips that scenarios name instead of carrying them, kept once and for as long as a scenario names them."""
