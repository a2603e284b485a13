"""What is run on the project itself: generated pages and benchmarks."""
