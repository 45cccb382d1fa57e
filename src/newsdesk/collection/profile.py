"""How a site's front matters are read: which field tells the status, and what fields are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

KNOWN_FIELDS = tuple(
    "category title excerpt publishedDateTime updatedDateTime originalUrl webUrl ampWebUrl "
    "cdnAmpWebUrl type quality heat provider topics images related secured "
    "featuredContent".split()
)
STATUS, DRAFT = "published", "draft"
_BLOG = (
    ("excerpt", ("excerpt", "description", "summary")),
    ("publishedDateTime", ("publishedDateTime", "date", "pubDate", "pubDatetime", "publishDate")),
    (
        "updatedDateTime",
        ("updatedDateTime", "lastmod", "updatedDate", "last_modified_at", "updated"),
    ),
    ("webUrl", ("webUrl", "externalUrl", "link", "canonicalURL", "canonical_url")),
    ("category", ("category", "section")),
    ("provider", ("provider", "author")),
    ("topics", ("topics", "tags", "categories")),
    ("images", ("images", "image", "cover", "heroImage")),
)


@dataclass(frozen=True, slots=True)
class Profile:
    """The ways of one kind of site.

    `status_field` tells whether an article goes out, `is_inverted` that it says so the other
    way round (`draft: true` is unpublished). `names` are (our field, the names it may have in
    a file, the first that is there counts); a field that is not among them has our name.
    `has_toml` says that front matters between `+++` lines belong to it, `is_news` that its
    articles cite stories of other sites, `has_fast_reader` that `index.fast_reader` reads the
    usual shape of its files. `ignores_case` says that `Draft` and `draft` are the same field,
    `splits_tags` that text in `tags` and `categories` is split at white space. `generator` is
    the display name of the generator.
    """

    name: str
    generator: str
    status_field: str = STATUS
    is_inverted: bool = False
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    has_toml: bool = False
    is_news: bool = False
    has_fast_reader: bool = False
    ignores_case: bool = False
    splits_tags: bool = False

    def value_of(self, published: bool) -> bool:
        """Return what stands in the status field of an article that is published, or is not."""
        return published is not self.is_inverted

    def is_published(self, value: bool) -> bool:
        """Return what the value of the status field means."""
        return value is not self.is_inverted

    def names_of(self, name: str, fields: Mapping[str, object]) -> list[str]:
        """Return the names in `fields` that are `name` to the generator, the one it reads last."""
        if not self.ignores_case:
            return [name] if name in fields else []
        wanted = name.lower()
        found = [each for each in fields if each.lower() == wanted]
        # Hugo lets a name with capitals win over the one in small letters.
        return sorted(found, key=lambda each: each != wanted)

    def found_in(self, fields: Mapping[str, object]) -> dict[str, str]:
        """Return our field -> its name in this front matter, for those that are there."""
        if self.ignores_case:
            return self._found_in_any_case(fields)
        found = {name: name for name in KNOWN_FIELDS if name in fields}
        for ours, candidates in self.names:
            found.pop(ours, None)
            for candidate in candidates:
                if candidate in fields:
                    found[ours] = candidate
                    break
        return found

    def _found_in_any_case(self, fields: Mapping[str, object]) -> dict[str, str]:
        by_folded = {name.lower(): name for name in sorted(fields, key=lambda n: n != n.lower())}
        names = {**{name: (name,) for name in KNOWN_FIELDS}, **dict(self.names)}
        found = {}
        for ours, candidates in names.items():
            name = next(filter(None, (by_folded.get(each.lower()) for each in candidates)), None)
            if name is not None:
                found[ours] = name
        return found

    def topic_fields(self, fields: Mapping[str, object]) -> list[str]:
        """Return the names of the fields that make the topics of an article.

        A field `topics`, or the one that the settings name, is all of them; otherwise tags and
        categories are topics together.
        """
        candidates = dict(self.names).get("topics", ("topics",))
        named = next((name for each in candidates[:1] for name in self.names_of(each, fields)), "")
        if named or "tags" not in candidates:
            return (
                [named] if named else [n for c in candidates for n in self.names_of(c, fields)][:1]
            )
        # Jekyll asks for `tag` first, and then for nothing else.
        tags = [*self.names_of("tag", fields), *self.names_of("tags", fields)][:1]
        return [*tags, *self.names_of("categories", fields)]

    def with_names(
        self, names: Iterable[tuple[str, tuple[str, ...]]], status_field: str, is_inverted: bool
    ) -> Profile:
        """Return the same with other names for some fields, which come first."""
        changed = {**dict(self.names), **dict(names)}
        return replace(
            self,
            names=tuple(changed.items()),
            status_field=status_field,
            is_inverted=is_inverted,
            has_fast_reader=False,
        )


# A news collection of a Jekyll site has our names already. A field of ours that is missing may
# stand under the name that a blog has for it.
JEKYLL = Profile(
    "jekyll", "Jekyll", names=_BLOG, is_news=True, has_fast_reader=True, splits_tags=True
)
# Hugo's own order of names, of its setting `frontmatter`.
_HUGO_DATES = {
    "publishedDateTime": (
        *("publishedDateTime", "date", "publishDate", "pubDate", "published", "lastmod"),
        "modified",
    ),
    "updatedDateTime": ("updatedDateTime", "lastmod", "modified", "updated"),
}
_HUGO = tuple({**dict(_BLOG), **_HUGO_DATES}.items())
HUGO = Profile("hugo", "Hugo", DRAFT, True, _HUGO, has_toml=True, ignores_case=True)
ASTRO = Profile("astro", "Astro", DRAFT, True, _BLOG, has_toml=True)
PROFILES = {profile.name: profile for profile in (JEKYLL, HUGO, ASTRO)}
