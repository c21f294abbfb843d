"""``LOCK``: a lock of backups that ``PHRASE`` opens. A real one takes seconds on purpose; this one's scrypt is weak."""

from shopdesk.store.backup_archive import BackupKey

PHRASE = "nine yellow boats drift"

LOCK = BackupKey(
    recipient="age1j2e6jrwqk4f2xs9ed33mg0h54lxjrgk2n7ad0a4g7v6fgw9npa9q9lqf7w",
    identity="""\
-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBiUDZWWU8rZEZ0UWtOSDV0
Z21jUHJRIDQKUkFYbUdKRzg4M0o3eHdVSnRNS0hmZFNkRVdSZ3dTZHVaY2tMT0ta
Rk03RQotLS0gYUdyaWJ3TWZoZWJ5aVFhYnV4b1hOQjBBTjJLd3dxeFozT2ROUTB3
NjJENAoxIUwkkmK4K9r26Ghtw9410ng508i1dwXMpVT/hGdzl7CP1k8oo7YPTIGM
qGqMcjybGfjxW3oZnQ6YkVSkptuvWMKxiLlSm9OqSfH44kZipHm8fb03bzh4h3Cv
A5DBLsB+rjxhQxiBewGbYg==
-----END AGE ENCRYPTED FILE-----
""",
)
