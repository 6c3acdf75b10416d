"""What the people who run an installation need: reports of visitors, taking down, the admin."""
