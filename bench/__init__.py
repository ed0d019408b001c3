"""The same work on this project and on stock Dramatiq, in one run on one machine: ``python -m bench``.

A *contender* is a way of running jobs (ours, stock, recorded). Each *row* measures one thing of each contender, through
real worker processes and a client process, on servers that only the bench uses.
"""
