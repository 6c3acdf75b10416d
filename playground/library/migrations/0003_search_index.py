"""The full-text index itself, in the form that each database has for it."""

from django.db import migrations

POSTGRESQL = [
    # Apart from the documents, and with both texts out of line and uncompressed: a search goes through many rows and
    # reads few of the texts. No foreign key, because Django empties tables without knowing of this one.
    """
    CREATE TABLE library_searchwords (
        document_id bigint PRIMARY KEY,
        head tsvector NOT NULL,
        words tsvector NOT NULL
    ) WITH (toast_tuple_target = 128)
    """,
    """
    ALTER TABLE library_searchwords
        ALTER COLUMN head SET STORAGE EXTERNAL,
        ALTER COLUMN words SET STORAGE EXTERNAL
    """,
    # Without a list of pending entries, which every search would go through.
    "CREATE INDEX library_search_head ON library_searchwords USING gin (head) WITH (fastupdate = off)",
    "CREATE INDEX library_search_words ON library_searchwords USING gin (words) WITH (fastupdate = off)",
    """
    CREATE FUNCTION library_searchdocument_gone() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN DELETE FROM library_searchwords WHERE document_id = OLD.id; RETURN NULL; END'
    """,
    # A document that goes, however it goes, takes its words with it.
    """
    CREATE TRIGGER library_searchdocument_gone AFTER DELETE ON library_searchdocument
    FOR EACH ROW EXECUTE FUNCTION library_searchdocument_gone()
    """,
]
POSTGRESQL_BACK = [
    "DROP TRIGGER library_searchdocument_gone ON library_searchdocument",
    "DROP FUNCTION library_searchdocument_gone()",
    "DROP TABLE library_searchwords",
]

SQLITE = [
    # Its texts are tokens already, one space apart: whatever is not ASCII belongs to a token.
    """
    CREATE VIRTUAL TABLE library_searchindex USING fts5(
        title, tags, findings, description, code, log, parts, facets, tokenize = "ascii tokenchars '_$'"
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
