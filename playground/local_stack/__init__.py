"""Everything on one machine: broker, worker and web as children of one process that starts and stops them."""
