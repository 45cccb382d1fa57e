"""Textual's way to a terminal, made to end when the terminal is gone."""

from __future__ import annotations

from textual.drivers.linux_driver import LinuxDriver


class TerminalDriver(LinuxDriver):
    """Goes on only where it was stopped.

    A terminal whose window is closed sends "continue" to its programs after "hang up". Textual's
    own driver would begin to read keys once more, from nobody, at full speed and for ever, in a
    program that had ended but for that.
    """

    def start_application_mode(self) -> None:
        """Change the terminal; from now on it has to be given back."""
        self._note(is_restored=False)
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        super().stop_application_mode()
        self._note(is_restored=True)

    def _note(self, *, is_restored: bool) -> None:
        ending = getattr(self._app, "ending", None)
        if ending is not None:
            ending.is_restored = is_restored

    def _sigcont_application(self, *arguments: object) -> None:
        if self._must_signal_resume:  # set when Ctrl+Z stopped us
            super()._sigcont_application(*arguments)
