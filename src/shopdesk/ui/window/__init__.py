"""The main window, the workspace in it, and the pages that cover it."""
