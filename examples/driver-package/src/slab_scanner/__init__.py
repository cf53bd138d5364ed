"""An example of a driver for flatbed: the smallest scanner that keeps every requirement."""
