"""Repairs of a finding that can be made by hand in one step, as edits of the handler. Pure."""
