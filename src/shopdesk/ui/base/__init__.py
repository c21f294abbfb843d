"""The parts of the windows that every subject needs: context, ports, shortcuts, theme, texts."""
