"""Notebook × school × language → page: checked before anything starts, several at once, whole or not at all."""
