"""The dashboard, the statistics page with its charts, and the reports for owner and accountant."""
