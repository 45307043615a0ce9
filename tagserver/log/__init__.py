"""The transparency log's machinery: it gives entries their places, writes the files that strangers read, asks
witnesses.
"""
