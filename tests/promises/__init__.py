"""The tests that `docs/promises.md` names: each would fail if a promise were broken."""
