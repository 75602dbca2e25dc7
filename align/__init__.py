"""muwazi: Arabic–English parallel text alignment. Nothing heavy is imported until it is used."""

__version__ = "0.1.0"
