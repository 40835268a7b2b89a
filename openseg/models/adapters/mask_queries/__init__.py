"""Networks whose queries each become one mask with chances of a closed set of classes."""
