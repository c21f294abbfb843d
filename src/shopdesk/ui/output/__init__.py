"""Output of the windows: exports, PDF pages, printing."""
