"""An application of tests: two queues and their actors, for real worker processes."""
