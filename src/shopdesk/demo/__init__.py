"""The tour, shipped so that ``shopdesk tour`` shows on any machine, with or without a screen, that everything works."""
