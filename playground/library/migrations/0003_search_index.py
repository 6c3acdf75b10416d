"""The full-text index itself, in the form that each database has for it."""

from django.db import migrations

POSTGRESQL = [
    # "head" has what weighs most: title, tags, findings, description. "words" has everything.
    """
    ALTER TABLE library_searchdocument
        ADD COLUMN head tsvector NOT NULL DEFAULT ''::tsvector,
        ADD COLUMN words tsvector NOT NULL DEFAULT ''::tsvector
    """,
    # Rows stay short, so that going through many of them touches few pages; uncompressed, because ranking reads it.
    """
    ALTER TABLE library_searchdocument
        ALTER COLUMN head SET STORAGE EXTERNAL,
        ALTER COLUMN words SET STORAGE EXTERNAL,
        ALTER COLUMN lines_blob SET STORAGE EXTERNAL,
        SET (toast_tuple_target = 128)
    """,
    # Without a list of pending entries, which every search would go through.
    "CREATE INDEX library_search_head ON library_searchdocument USING gin (head) WITH (fastupdate = off)",
    "CREATE INDEX library_search_words ON library_searchdocument USING gin (words) WITH (fastupdate = off)",
]
POSTGRESQL_BACK = [
    "ALTER TABLE library_searchdocument DROP COLUMN head, DROP COLUMN words",
]

SQLITE = [
    # Its texts are tokens already, one space apart: whatever is not ASCII belongs to a token.
    """
    CREATE VIRTUAL TABLE library_searchindex USING fts5(
        title, tags, findings, description, code, log, parts, tokenize = "ascii tokenchars '_$'"
    )
    """,
    # A document that goes, however it goes, takes its words with it. A migration that has SQLite build the table anew
    # must create this trigger again.
    """
    CREATE TRIGGER library_searchdocument_gone AFTER DELETE ON library_searchdocument
    BEGIN DELETE FROM library_searchindex WHERE rowid = old.id; END
    """,
]
SQLITE_BACK = ["DROP TRIGGER library_searchdocument_gone", "DROP TABLE library_searchindex"]


def executed(postgresql, sqlite):
    def run(apps, schema_editor):
        for statement in {"postgresql": postgresql, "sqlite": sqlite}[schema_editor.connection.vendor]:
            schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("library", "0002_search")]

    operations = [migrations.RunPython(executed(POSTGRESQL, SQLITE), executed(POSTGRESQL_BACK, SQLITE_BACK))]
