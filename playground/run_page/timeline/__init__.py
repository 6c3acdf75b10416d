"""The timeline of a run, drawn as SVG: axis, lanes, request paths, time range. Pure."""
