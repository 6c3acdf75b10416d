"""What the web side costs: pages, the library and live streams."""
