"""What leaves the windows: exports, PDF pages, printing."""
