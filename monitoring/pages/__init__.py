"""The pages about queues, a module each. They read through :mod:`queues.inspection`, act through the service."""
