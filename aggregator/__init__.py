"""News sources in, a few feeds worth reading out."""
