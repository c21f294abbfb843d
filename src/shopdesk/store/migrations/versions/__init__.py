"""The migrations, one numbered file each; ``store.upgrade.HEAD`` is the newest."""
