"""What the framework of the command line says by itself, in the reader's language: help, and what is wrong with a call.

A verb's help stands in its docstring and at its options, in English; the catalogues hold it like any other sentence. The framework
makes its commands anew for each call, so they are made in the language of that call.
"""

import re
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from foundation.i18n import _, find_sentence, translate
from foundation.terminal import language

SHOW_HELP: Final = _("Show this message and exit.")
FRAMEWORK: Final = {
    "install_completion": _("Install completion for the current shell."),
    "show_completion": _("Show completion for the current shell, to copy it or customize the installation."),
}
"""Help of the options the framework adds, by their names."""


def speak(app: typer.Typer) -> typer.Typer:
    """The same verbs, told in the reader's language."""
    app.info.cls = SpokenGroup
    for verb in app.registered_commands:
        verb.cls = SpokenCommand
    for group in app.registered_groups:
        if group.typer_instance is not None:
            speak(group.typer_instance)
    return app


def tell_parameters(parameters: Any) -> None:
    """The help of arguments and options in the reader's language."""
    for parameter in parameters or ():
        said = FRAMEWORK.get(parameter.name or "", getattr(parameter, "help", None))
        if said:
            parameter.help = find_sentence(language(), said)


def tell_help(attributes: dict[str, Any]) -> dict[str, Any]:
    """What a command is made of, its help in the reader's language."""
    tell_parameters(attributes.get("params"))
    return {
        name: find_sentence(language(), value) if name in ("help", "epilog") and value else value
        for name, value in attributes.items()
    }


def name_panels() -> None:
    """The headings of the framework's screens; it keeps them as names of a module that is only read for help."""
    from typer import rich_utils

    tongue = language()
    rich_utils.ARGUMENTS_PANEL_TITLE = translate(tongue, _("Arguments"))
    rich_utils.OPTIONS_PANEL_TITLE = translate(tongue, _("Options"))
    rich_utils.COMMANDS_PANEL_TITLE = translate(tongue, _("Commands"))
    rich_utils.REQUIRED_LONG_STRING = f"[{translate(tongue, _('required'))}]"
    rich_utils.DEFAULT_STRING = f"[{translate(tongue, _('default'))}: {{}}]"


class Spoken:
    """What verbs and groups have in common."""

    params: list[Any]

    def get_help_option(self, ctx: Any) -> Any:
        """`--help` with its own help in the reader's language."""
        option = super().get_help_option(ctx)  # type: ignore[misc]  # The framework's class stands behind this one.
        if option is not None:
            option.help = translate(language(), SHOW_HELP)
        return option

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """The line that shows how it is called."""
        write_usage(self, ctx, formatter)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The whole screen; the framework adds options of its own when a command is made."""
        name_panels()
        tell_parameters(self.params)
        super().format_help(ctx, formatter)  # type: ignore[misc]  # The same.


class SpokenCommand(Spoken, TyperCommand):
    """A verb that helps in the reader's language."""

    def __init__(self, name: str | None, **attributes: Any) -> None:
        super().__init__(name, **tell_help(attributes))


class SpokenGroup(Spoken, TyperGroup):
    """A group that helps in the reader's language."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**tell_help(attributes))


def write_usage(command: Any, ctx: Any, formatter: Any) -> None:
    """How a command is called."""
    word = translate(language(), _("Usage"))
    formatter.write_usage(ctx.command_path, " ".join(command.collect_usage_pieces(ctx)), prefix=f"{word}: ")


COMPLAINTS: Final = (
    (r"Missing argument '(?P<name>.+?)'\.", _("“{name}” is missing.")),
    (r"Missing option '(?P<name>.+?)'( / .+)?\.", _("The option {name} is missing.")),
    (r"Missing command\.", _("A command is missing; --help lists them.")),
    (r"No such option: (?P<name>\S+) \(Possible options: (?P<near>.+)\)", _("There is no option {name}. Did you mean {near}?")),
    (r"No such option: (?P<name>\S+)", _("There is no option {name}.")),
    (r"No such command '(?P<name>.+?)'\. Did you mean (?P<near>.+)\?", _("There is no command “{name}”. Did you mean {near}?")),
    (r"No such command '(?P<name>.+?)'\.", _("There is no command “{name}”.")),
    (r"Option '(?P<name>.+?)' requires an argument\.", _("The option {name} needs a value after it.")),
    (r"Option '(?P<name>.+?)' does not take a value\.", _("The option {name} takes no value.")),
    (r"Got unexpected extra argument\(s\) \((?P<words>.+)\)", _("That is too much: {words}")),
    (r"Invalid value for (?P<name>.+?): .*'(?P<value>.*)' is not one of (?P<known>.+?)\.?",
     _("{name} cannot be “{value}”; it is one of {known}.")),
    (r"Invalid value for (?P<name>.+?): Input should be a valid integer.*", _("{name} must be a whole number.")),
    (r"Invalid value for (?P<name>.+?): Input should be (?P<why>(greater|less) than .+)", _("{name} is outside what is possible: {why}")),
    (r"Invalid value for (?P<name>.+?): (?P<why>.+)", _("The value of {name} does not fit: {why}")),
)  # fmt: skip
"""What the framework finds wrong with a call, and how it is said; the first that fits."""


def tell_complaint(complaint: str) -> str:
    """What the framework finds wrong, in the reader's language; in English as it says it itself."""
    if language() == "en":
        return complaint
    for pattern, sentence in COMPLAINTS:
        if found := re.fullmatch(pattern, complaint, re.DOTALL):
            return translate(language(), sentence, **{key: bare(value) for key, value in found.groupdict().items()})
    return complaint


def bare(words: str) -> str:
    """Names without the marks of a programming language around them."""
    return words.replace("'", "")
