"""Questions and predictions in a notebook: buttons, checkboxes and text fields, all usable by keyboard.

JupyterLab takes the arrow keys away from radio buttons and dropdowns, so there are none.
"""
