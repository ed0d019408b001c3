"""This project as a contender."""
