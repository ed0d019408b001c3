"""System checks of the clinic."""
