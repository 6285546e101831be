"""The nouns: frozen, keyword-only values made of the standard library, in the order of the line.

Source → Response → Entry (what the feed said) → Item (what we believe) → Story (what happened) →
Selection (what a topic shows) → Document (what a reader gets).
"""
