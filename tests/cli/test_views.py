"""`newsdesk list --view`: what a view holds, and what is wrong with one."""

from __future__ import annotations

import pytest

from .conftest import Make, Newsdesk, article_file


@pytest.fixture(scope="module")
def site(make: Make) -> Newsdesk:
    newsdesk = make(
        {
            "_news/a.md": article_file("Alpha moon", heat=90, published="false"),
            "_news/b.md": article_file("Beta moon", heat=80, published="true"),
            "_news/c.md": article_file("Gamma", heat=10, published="false"),
            ".newsdesk.toml": '[views]\nHot = "heat:>=70 sort:title-desc"\nOdd = "topc:AI"\n',
        }
    )
    folder = newsdesk.home / "config" / "newsdesk"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('[views]\n"Mine too" = "gamma"\n')
    environment = {"XDG_CONFIG_HOME": str(newsdesk.home / "config")}
    return Newsdesk(newsdesk.folder, newsdesk.home, environment)


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        (["--view", "Hot"], ["_news/b.md", "_news/a.md"]),
        (["--view", "hot", "is:unpublished"], ["_news/a.md"]),
        (["--view", "Hot", "--sort", "title"], ["_news/a.md", "_news/b.md"]),
        (["--view", "Hot", "alpha", "OR", "gamma"], ["_news/a.md"]),
        (["--view", "mine TOO"], ["_news/c.md"]),
        (["--view", "Published"], ["_news/b.md"]),
    ],
)
def test_a_view_and_a_query_are_both_asked_for(
    site: Newsdesk, arguments: list[str], paths: list[str]
) -> None:
    done = site.here("list", "--paths", *arguments)
    assert (done.code, done.lines) == (0, paths)


def test_a_slip_names_the_nearest_view(site: Newsdesk) -> None:
    done = site.here("list", "--view", "Hott")
    assert (done.code, done.out) == (2, b"")
    assert done.err == "newsdesk: There is no view Hott. Did you mean Hot?\n"


def test_an_invalid_view_is_reported_with_its_place(site: Newsdesk) -> None:
    done = site.here("list", "--view", "Odd")
    assert done.code == 2
    assert ".newsdesk.toml, line 3: The view Odd does not parse: There is no field" in done.err
    assert "Did you mean topic:?" in done.err


def test_an_error_in_another_view_is_reported_only_where_views_are_used(site: Newsdesk) -> None:
    done = site.here("list", "--view", "Hot", "--paths")
    assert done.code == 0
    assert "The view Odd does not parse" in done.err
    assert site.here("list", "--paths").err == ""


def test_a_file_that_is_no_toml_stops_every_command(make: Make) -> None:
    site = make({"_news/a.md": article_file("Alpha"), ".newsdesk.toml": "[views]\nA = \n"})
    done = site.here("list", "--view", "A")
    assert done.code == 2
    assert done.err.startswith("newsdesk: .newsdesk.toml, line 2: This is no TOML")
    # It may hold the name of the field that says whether an article is published.
    assert site.here("list", "--paths").code == 2
