"""What lives once per server: the queue, the models, the runs that were made, the folders."""
