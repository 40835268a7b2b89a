"""What a method names, looked up: stages, their settings, model families, edge types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from openseg.graph.method.marks import Marked
from openseg.graph.method.problem import Problem, closest, did_you_mean
from openseg.graph.method.spec import OPTIONAL, NodeSpec, Parsed, read_config
from openseg.graph.models import ModelProvider
from openseg.graph.registry import find_stage, stage_names
from openseg.graph.stage import Stage, StageConfig, signature_of
from openseg.types import EDGE_TYPES
from openseg.types.errors import UserError


@dataclass(frozen=True)
class Lookup:
    """Finds everything a method names.

    Attributes:
        parsed: The method.
        provider: The model families there are.
        problems: Receives the faults.
        inputs: The method's inputs that have a known type.
        optional: Those of them that may be left out.
        stages: The stage of each node that has a known one.
        configs: The settings of each node whose settings are right.
        models: The model family that plays each role of each node, as far as known.
        used: The entries of `models:` that some node uses or may have meant.
    """

    parsed: Parsed
    provider: ModelProvider
    problems: list[Problem]
    inputs: dict[str, type] = field(default_factory=dict)
    optional: set[str] = field(default_factory=set)
    stages: dict[str, type[Stage]] = field(default_factory=dict)
    configs: dict[str, StageConfig] = field(default_factory=dict)
    models: dict[str, dict[str, str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def run(self) -> None:
        """Looks everything up."""
        tree = self.parsed.tree
        for name, written in self.parsed.spec.inputs.items():
            kind = written.removeprefix(OPTIONAL)
            if kind in EDGE_TYPES:
                self.inputs[name] = EDGE_TYPES[kind]
                self.optional.update({name} if kind != written else ())
            else:
                advice = did_you_mean(kind, EDGE_TYPES)
                place = str(tree.entries["inputs"].entries[name].place)
                self.problems.append(Problem(place, f"there is no type `{kind}`", advice))
        families = self._families()
        for name, node in self.parsed.spec.nodes.items():
            at = tree.entries["nodes"].entries[name]
            stage = self._stage(node, at)
            if stage is None:
                self.used.update(self.parsed.spec.models)  # its roles are not known
            else:
                self.stages[name] = stage
                self._settings(name, node, stage, at)
                self.models[name] = self._roles(name, node, stage, families)

    def _families(self) -> Mapping[str, tuple[type, ...] | None]:
        """For each model of the method what its family can do; None if there is no such family."""
        found: dict[str, tuple[type, ...] | None] = {}
        names = self.provider.names()
        for model, family in self.parsed.spec.models.items():
            found[model] = self.provider.protocols(family) if family in names else None
            if family not in names:
                place = str(self.parsed.tree.entries["models"].entries[model].place)
                advice = did_you_mean(family, names)
                what = f"there is no model family `{family}`"
                self.problems.append(Problem(place, what, advice))
        return found

    def _stage(self, node: NodeSpec, at: Marked) -> type[Stage] | None:
        where = str(at.entries["use"].place)
        try:
            stage = find_stage(node.use)
            known = [] if stage else stage_names()
            if stage is not None:
                signature_of(stage)
        except (ImportError, TypeError, NameError) as error:  # its author's mistake
            what = f"stage `{node.use}` cannot be used: {error}"
            self.problems.append(Problem(where, what, "tell the author of the stage"))
        except UserError as error:
            what = f"there is no stage `{node.use}`, unless in a package that fails: {error.what}"
            self.problems.append(Problem(where, what, error.fix))
        else:
            if stage is None:
                advice = did_you_mean(node.use, known) or "`openseg ls stages` lists them"
                self.problems.append(Problem(where, f"there is no stage `{node.use}`", advice))
            return stage
        return None

    def _settings(self, name: str, node: NodeSpec, stage: type[Stage], at: Marked) -> None:
        signature, fields = signature_of(stage), stage.Config.model_fields
        settings = dict(node.model_extra or {})
        for key in [key for key in settings if key not in fields]:
            del settings[key]
            value, use = at.entries[key], at.entries["use"]
            advice = did_you_mean(key, [*fields, "in", "use", "with"])
            if key in signature.inputs:
                advice = f"`{key}` is an input; write it inside `in`"
            elif key in signature.roles:
                advice = f"`{key}` is a model role; write it inside `with`"
            elif use.key.file not in (at.key.file, value.key.file):  # a variant changed the stage
                advice = f"`{key}: null` beside `use` drops what the included method sets"
            what = f"`{node.use}` has no setting `{key}`"
            self.problems.append(Problem(str(value.key), what, advice))
        config = read_config(name, settings, stage.Config, self.parsed.tree)
        if isinstance(config, StageConfig):
            self.configs[name] = config
        else:
            self.problems.extend(config)

    def _roles(
        self,
        name: str,
        node: NodeSpec,
        stage: type[Stage],
        families: Mapping[str, tuple[type, ...] | None],
    ) -> dict[str, str]:
        at = self.parsed.tree.entries["nodes"].entries[name]
        chosen = at.entries["with"].entries if "with" in at.entries else {}
        roles, models = signature_of(stage).roles, self.parsed.spec.models
        for role in node.models:
            if role not in roles:
                self.used.update(models)
                what = f"`{node.use}` has no model role `{role}`"
                self.problems.append(
                    Problem(str(chosen[role].key), what, did_you_mean(role, roles))
                )
        played: dict[str, str] = {}
        for role, protocol in roles.items():
            model = node.models.get(role, role)
            if model in models:
                self.used.add(model)
                family = models[model]
                declared = self.parsed.tree.entries["models"].entries[model]
                place = chosen[role].place if role in chosen else declared.place
                can = families[model]
                if can is not None and not _fulfils(can, protocol):
                    what = (
                        f"`{family}` cannot play the role `{role}` of node `{name}` "
                        f"({node.use}): it is no {protocol.__name__}"
                    )
                    advice = f"these are: {', '.join(self._able(protocol)) or 'none'}"
                    self.problems.append(Problem(str(place), what, advice))
                played[role] = family
            elif not self.parsed.unsure("models", model):
                self.used.update(models)
                self.problems.append(self._no_model(name, node, role, model, protocol))
        return played

    def _no_model(
        self, name: str, node: NodeSpec, role: str, model: str, protocol: type
    ) -> Problem:
        at = self.parsed.tree.entries["nodes"].entries[name]
        what = f"node `{name}` ({node.use}) needs a model `{model}`, and `models` has none"
        near = closest(model, self.parsed.spec.models)
        if role in node.models:
            place = at.entries["with"].entries[role].place
            return Problem(str(place), what, did_you_mean(model, self.parsed.spec.models))
        if near:
            advice = f"did you mean `{model}` where `models` says `{near}`?"
        else:
            able = " or ".join(self._able(protocol))
            advice = f"add `{model}:` to `models`" + (f", for example {able}" if able else "")
        return Problem(str(at.entries["use"].place), what, advice)

    def _able(self, protocol: type) -> list[str]:
        names = self.provider.names()
        return [name for name in names if _fulfils(self.provider.protocols(name), protocol)]


def _fulfils(protocols: tuple[type, ...], wanted: type) -> bool:
    return any(wanted in protocol.__mro__ for protocol in protocols)
