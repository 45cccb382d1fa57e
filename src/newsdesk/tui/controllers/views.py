"""Open and save views, and switch to another collection."""

from __future__ import annotations

from pathlib import Path

from textual import work

from newsdesk.errors import NewsdeskError, QueryError
from newsdesk.text import counted
from newsdesk.tui.controllers.search import SearchController
from newsdesk.tui.dialogs.save_view import SaveViewDialog
from newsdesk.tui.messages import CollectionsRead, ViewSaved, WorkFailed
from newsdesk.workspace.views import View


class ViewsController(SearchController):
    """The part of the main screen for saved views and other collections."""

    def on_first_run_detected(self) -> None:
        """Show a hint on the first start."""
        self.onboarding.show_first_hint()

    def on_collections_read(self, message: CollectionsRead) -> None:
        """Offer collections that were opened before: this one is empty."""
        if not self.is_current:  # the user has opened a dialog meanwhile
            return
        from newsdesk.tui.dialogs.collection_picker import CollectionPicker

        def chosen(folder: Path | None) -> None:
            if folder is not None:
                self.leave_for(folder)

        here = self.workspace.config.collection
        self.app.push_screen(CollectionPicker(message.folders, here, self.keys), chosen)

    def show_setting_problems(self) -> None:
        """Show the first error in the settings, and the number of all."""
        if self.workspace.blocking_problems:
            self.post_settings_error()
            return
        mistakes = self.workspace.setting_problems
        if mistakes:
            first = str(mistakes[0])
            if len(mistakes) > 1:
                number = counted(len(mistakes), "settings error")
                first = f"{number}, `newsdesk config` lists them: {first}"
            self.post_status(first, "bad")

    def open_view(self, view: View) -> None:
        """Open a saved view without a filter."""
        self.set_filter(self.filter.opened(view).without_narrowing())
        self.articles.focus()

    def action_save_view(self) -> None:
        """Ask for a name, then save the current filter as a view."""
        try:
            query = self.filter.as_text()
        except QueryError as error:
            self.post_error(error)
            return
        if self.filter.is_plain(self.filter.view) or not query:
            hint = self.keys.fill("{search} or {topics} to filter first")
            self.post_status(f"Already a view: {self.filter.view.name} · {hint}")
            return

        def named(name: str | None) -> None:
            if name:
                self._save_view(name, query)

        known = {view.name: view.query for view in self.workspace.saved_views}
        self.app.push_screen(SaveViewDialog(query, known), named)

    @work(thread=True, group="settings", exit_on_error=False)
    def _save_view(self, name: str, query: str) -> None:
        try:
            self.post_message(ViewSaved(self.workspace.save_view(name, query)))
        except NewsdeskError as error:
            self.post_message(WorkFailed(error))

    def on_view_saved(self, message: ViewSaved) -> None:
        """Open the saved view: it shows the same articles."""
        self.set_filter(self.filter.opened(message.view).without_narrowing(), keep_cursor=True)
        hint = self.keys.fill("{palette} opens it")
        self.post_status(f"Saved as {message.view.name} in .newsdesk.toml · {hint}", "good")
