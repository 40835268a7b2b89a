"""What notebooks, services and the command line use: methods, results, run folders."""
