"""From evidence to findings: one oracle each, the carrier, and the words. Pure."""
