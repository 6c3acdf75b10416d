"""Lambda's rules: lifecycle, phases, billing, placement. Pure."""
