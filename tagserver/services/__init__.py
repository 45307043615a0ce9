"""The verbs of the server: issue, verify, report events, recall, manage parties and keys. No Flask, no
SQL.
"""
