"""`VisionLanguage` in three back ends; which one a checkpoint folder means is read in `folder`.

`hf` runs a network on this machine, `server` asks any server that speaks OpenAI's chat completions,
`recorded` replays replies from a file and records those of the other two.
"""
