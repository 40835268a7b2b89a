"""Whatever is done to a method's text, the answer is a graph or an error of ours."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from openseg.graph.loader import check, find_pipeline, load, pipeline_names
from openseg.models.store import ModelStore
from openseg.types.errors import MethodError
from tests.fuzzing import fuzz_files
from tests.soaking import times

TEXT = find_pipeline("grounded_sam").read_text("utf-8")
LINES = TEXT.splitlines()
WORDS = sorted(set(TEXT.replace("{", " ").replace("}", " ").replace(",", " ").split()))
FRAGMENTS = st.one_of(
    st.sampled_from(
        [*WORDS, "null", "{}", "[]", "[{}]", "{a: 1}", "- x", "<<: *a", "&a", "*a", "!!set"]
    ),
    st.sampled_from(
        ["1e999", ".nan", "0x10", "99999999999999999999", '"\\ud800"', "? ", "---", "\t"]
    ),
    st.text(max_size=8),
    st.integers().map(str),
    st.floats().map(str),
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The text of a real method with a few lines or words replaced, doubled, moved or dropped."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1)) if lines else 0
        match draw(st.sampled_from(["word", "line", "double", "drop", "indent", "swap"])):
            case "word" if lines:
                words = lines[at].split(" ")
                words[draw(st.integers(0, len(words) - 1))] = draw(FRAGMENTS)
                lines[at] = " ".join(words)
            case "line":
                indent = " " * draw(st.integers(0, 6))
                lines.insert(at, f"{indent}{draw(FRAGMENTS)}: {draw(FRAGMENTS)}")
            case "double" if lines:
                lines.insert(at, lines[at])
            case "drop" if lines:
                del lines[at]
            case "indent" if lines:
                lines[at] = " " * draw(st.integers(1, 4)) + lines[at].lstrip()
            case "swap" if lines:
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines)


def answers(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "method.yaml"
        path.write_bytes(data)
        problems = check(path, ModelStore())
        for problem in problems:
            assert problem.what
            assert problem.where
            assert str(problem).isprintable()
        if not problems:
            assert load(path, ModelStore()).outputs


@settings(
    max_examples=times(200, 20_000), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(mutated())
@example('name: "\\UFFFFFFFF"')
@example("%YAML 1.1\n---\nname: x")
@example("nodes: {a: {use: [], in: {b: {}}, with: 3}}\ninputs: 3\noutputs: []")
def test_a_mutated_method_loads_or_is_refused(text):
    answers(text.encode("utf-8", "surrogatepass"))


def test_broken_methods_are_read_or_refused(tmp_path):
    paths = []
    for name in sorted(pipeline_names()):
        paths.append(tmp_path / f"{name}.yaml")
        paths[-1].write_bytes(find_pipeline(name).read_bytes())
    store = ModelStore()

    def read(path):
        if problems := check(path, store):
            raise MethodError(str(problems[0]))

    fuzz_files("YAML methods", paths, read, times(150, 20_000))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_load_or_are_refused(data):
    answers(data)
