"""The table of records: its rows, columns, cursor and marks."""
