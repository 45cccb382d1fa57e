"""Lists of any length, of which only the rows on the screen are drawn, with their columns.

Other widgets are in the package above; which articles are in a list is decided by controllers.
"""
