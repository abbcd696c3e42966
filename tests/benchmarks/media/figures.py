"""What a benchmark prints."""

Figure = dict[str, object]
