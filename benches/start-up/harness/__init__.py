"""Measures how functions start: fake AWS, fake Lambda Runtime API, processes, figures."""
