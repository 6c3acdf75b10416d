"""A finished run as files that work without this site: for an issue tracker, a trace viewer, a test suite, a disk."""
