"""Recurring jobs: cron expressions, the ticks they make, and the scheduler that fires them."""
