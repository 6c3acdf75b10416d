"""Event sources of functions: queues whose messages the service receives and sends to a function in batches."""
