"""The status of the installation: health checks, probes, and the metrics page."""
