"""Tests of the bridge's child, through real processes."""
