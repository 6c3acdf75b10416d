"""Handlers that mean harm, and the clear outcome that each must come to."""
