"""The gallery: real-world incidents as handlers and scenarios that anyone can run.

Each incident is a folder of plain files below ``incidents/``: handler files, scenario files for the command line, and
``incident.yaml`` with the text. Pure except for reading those files once.
"""

from playground.gallery.catalogue import Incident, IncidentRun, Section, Source, incident, incident_run, incidents

__all__ = [
    "Incident",
    "IncidentRun",
    "Section",
    "Source",
    "incident",
    "incident_run",
    "incidents",
]
