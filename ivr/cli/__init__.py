"""`ivr`: everything a supervisor or an operator does from a terminal."""

import typer

from ivr.cli.call import call
from ivr.cli.chat import chat
from ivr.cli.check import check
from ivr.cli.demo import demo
from ivr.cli.models import models
from ivr.cli.serve import serve

app = typer.Typer(
    name="ivr", no_args_is_help=True, add_completion=False, help="A call centre that answers.", rich_markup_mode="rich"
)
app.command()(serve)
app.command()(call)
app.command()(chat)
app.command()(demo)
app.command()(check)
app.add_typer(models, name="models")
