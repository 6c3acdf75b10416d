"""The gallery: incidents from the field as handlers and scenarios that anybody can run.

Each incident is a folder of plain files below ``incidents/``: handler files, scenario files that the command line
plays as they are, and ``incident.yaml`` with the words. Pure but for reading those files once.
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
