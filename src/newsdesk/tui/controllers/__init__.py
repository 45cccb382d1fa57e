"""Controllers of the main screen: each owns one concern, such as search, links or images.

A controller starts workers, handles their results and shows them through `MainView`. Drawing
belongs into `widgets`, whole screens into `screens`, decisions and files into `workspace`. No
module here imports a screen.
"""
