"""Tools for an installation's staff: reports, takedowns, the admin."""
