"""One scorer a metric: reads the official files, refuses broken ones, calls the metric."""
