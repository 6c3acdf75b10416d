"""A finished run as files that work without this site: Markdown, a trace, a test, an HTML file."""
