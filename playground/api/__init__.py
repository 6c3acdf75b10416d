"""The HTTP API for programs: JSON in, JSON out, described by an OpenAPI document."""
