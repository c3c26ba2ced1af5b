"""`labkit limits`: a template against Lambda's quotas."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.argument("template", type=click.Path(path_type=Path))
def limits(template: Path) -> None:
    """Say which functions of a SAM or CloudFormation TEMPLATE are beyond Lambda's quotas, before it is deployed.

    It ends with status 1 when AWS would refuse one of them.
    """
    from labkit.deploy.template_limits import check_template

    functions = check_template(template)
    if not functions:
        click.echo(f"{template} has no function.")
    for function in functions:
        sign = "✘" if function.refused else "✔"
        count = len(function.found)
        click.echo(f"{sign} {function.name}: {f'{count} findings' if count != 1 else '1 finding'}")
        for finding in function.found:
            click.echo(f"\n{finding}\n")
        if function.later:
            click.echo(f"  Known only when it is deployed: {', '.join(function.later)}.")
    sys.exit(any(function.refused for function in functions))
