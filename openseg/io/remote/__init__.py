"""Files at URLs, through fsspec: copies of them are kept on this machine."""
