"""Which tables and columns a server shows: by its release, and by the role of the token."""

from wltui.demo.releases import Era

from .model_tables import MODEL_TABLES
from .pipeline_tables import PIPELINE_TABLES
from .tables import Table

SINCE = {
    "model.created_on_version": "2024.1",
    "model.file_size": "2024.2",
    "workspace.group_id": "2024.2",
    "deployment.updated_by": "2024.2",
    "model_config.dynamic_batching_config": "2024.3",
    "model_config.openai": "2025.1",
    "model_config.continuous_batching_config": "2025.1",
    "model.error_summary": "2025.2",
}
"""The release that brought a column, for those that an answering release may lack."""
UNKNOWN_IN_PART = frozenset(
    {
        "model.error_summary",
        "model.created_on_version",
        "model_config.openai",
        "model_config.continuous_batching_config",
        "deployment.updated_by",
        "deployment.limit_status",
        "tag",
        "model_tag",
        "pipeline_tag",
    }
)
"""Tables, and columns of tables, that a role with a partial view of the schema does not know."""


def visible_tables(era: Era, hidden: frozenset[str]) -> dict[str, Table]:
    """Return the tables by name, without those that are newer than the release or hidden.

    Args:
        era: The release that answers.
        hidden: Names of tables, and of columns as ``table.column``.
    """
    gone = hidden | {name for name, since in SINCE.items() if era < since}
    tables = {}
    for table in (*MODEL_TABLES, *PIPELINE_TABLES):
        if table.name in gone:
            continue
        columns = {
            name: column for name, column in table.columns.items() if f"{table.name}.{name}" not in gone
        }
        relations = {
            name: relation
            for name, relation in table.relations.items()
            if relation.table not in gone and f"{table.name}.{name}" not in gone
        }
        tables[table.name] = Table(table.name, table.rows, columns, relations, table.find)
    return tables
