"""The dashboard and the statistics page, with their charts."""
