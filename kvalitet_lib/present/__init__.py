"""Draws released figures as pages, PDF and dashboards; computes nothing."""
