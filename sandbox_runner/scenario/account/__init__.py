"""What a scenario says of its account: resources, mappings of queues and streams, and their filters. Pure."""
