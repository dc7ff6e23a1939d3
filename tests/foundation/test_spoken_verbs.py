"""What the framework of the command line says by itself is said in the reader's language."""

from enum import StrEnum
from typing import Annotated

import pytest
import typer

from foundation.spoken_verbs import speak
from foundation.terminal import run


class Kind(StrEnum):
    """Two kinds."""

    one = "one"
    two = "two"


def build() -> typer.Typer:
    """A program of two verbs."""
    app = typer.Typer(no_args_is_help=True, help="Lists of people as HR offices send them.")

    @app.command("plan")
    def plan(
        context: typer.Context,
        file: Annotated[str, typer.Argument(help="the plan file")],
        days: Annotated[int, typer.Option(help="how long it is good", min=1)] = 30,
        kind: Annotated[Kind, typer.Option(help="table, json or csv")] = Kind.one,
        quick: Annotated[bool, typer.Option("--quick")] = False,
        needed: Annotated[str, typer.Option("--needed")] = "x",
    ) -> int:
        """Bring the units of a file into the register, all or none."""
        return 0

    @app.command("show")
    def show(context: typer.Context, must: Annotated[str, typer.Option("--must")]) -> int:
        """The JSON Schema of a decree."""
        return 0

    return speak(app)


CALLS = {
    "no argument": ("plan", "Missing argument 'file'.", "Thiếu “file”."),
    "no option": ("show", "Missing option '--must'.", "Thiếu tùy chọn --must."),
    "unknown verb": ("nothing", "No such command 'nothing'.", "Không có lệnh “nothing”."),
    "nearly a verb": ("plna", "No such command 'plna'. Did you mean 'plan'?", "Không có lệnh “plna”. Có phải ý bạn là plan?"),
    "unknown option": ("plan x --xx", "No such option: --xx", "Không có tùy chọn --xx."),
    "nearly an option": ("plan x --day", "No such option: --day (Possible options: --days)",
                         "Không có tùy chọn --day. Có phải ý bạn là --days?"),
    "nothing after an option": ("plan x --needed", "Option '--needed' requires an argument.",
                                "Sau tùy chọn --needed phải có giá trị."),
    "a value too many": ("plan x --quick=1", "Option '--quick' does not take a value.",
                         "Tùy chọn --quick không nhận giá trị."),
    "words too many": ("plan x y z", "Got unexpected extra argument(s) (y z)", "Thừa: y z"),
    "no number": ("plan x --days soon", None, "--days phải là một số nguyên."),
    "outside": ("plan x --days 0", None, "--days ngoài mức cho phép"),
    "none of the kinds": ("plan x --kind three", None, "--kind không thể là “three”; phải là một trong one, two."),
}  # fmt: skip


@pytest.mark.parametrize(("words", "english", "vietnamese"), CALLS.values(), ids=CALLS)
def test_what_is_wrong_with_a_call(
    words: str,
    english: str | None,
    vietnamese: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for language, sentence in (("en", english), ("vi", vietnamese)):
        monkeypatch.setenv("HOPNHAT_LANG", language)
        assert run(build(), words.split()) == 64
        told = capsys.readouterr().err.strip()
        assert sentence is None or told.startswith(sentence), told


def test_help_is_told_in_both_languages(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for language, words in (
        ("en", ("Usage:", "Bring the units", "the plan file", "[required]", "[default: 30]", "Show this message")),
        ("vi", ("Cách dùng:", "Đưa các đơn vị", "tệp kế hoạch", "[bắt buộc]", "[mặc định: 30]", "Hiện nội dung này")),
        ("en", ("Usage:", "Arguments", "Options")),
    ):
        monkeypatch.setenv("HOPNHAT_LANG", language)
        assert run(build(), ["plan", "--help"]) == 0
        told = capsys.readouterr().out
        assert [word for word in words if word not in told] == []
