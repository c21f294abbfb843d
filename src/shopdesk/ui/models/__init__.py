"""Qt item models of the lists and tables, and the state of the open document."""
