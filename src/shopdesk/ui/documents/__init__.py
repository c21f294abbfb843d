"""The lists of documents and messages, and the page of one document."""
