"""Whether the installation works: health, its probes, and the metrics page."""
