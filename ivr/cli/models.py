"""`ivr models`: which recognition models there are, which are installed, and how to get one."""

import typer

models = typer.Typer(no_args_is_help=True, help="Models of the recognizers: list, download, verify.")
