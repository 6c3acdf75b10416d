"""What every test shares: properties are explored with a steady pace, on a machine that may be busy."""

from hypothesis import HealthCheck, settings

settings.register_profile("holdover", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("holdover")
