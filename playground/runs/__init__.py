"""Running: submission, execution by a worker, monitoring, recovery, the live stream, throttling."""
