"""The lowest versions that are tested are those that the project file allows."""

import tomllib
from itertools import chain

from packaging.requirements import Requirement

from tests.lowest import PROJECT, lowest_versions


def test_the_bounds_of_the_project_are_found_and_allowed():
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    bounded = [Requirement(one) for one in wanted if ">=" in one]
    found = lowest_versions(PROJECT.read_text("utf-8"))
    assert {one.name for one in bounded} == found.keys()
    assert all(one.specifier.contains(found[one.name]) for one in bounded)


def test_extras_and_unbounded_packages_are_passed_over():
    text = """
    [project]
    dependencies = ["a>=1.2,<2", "b"]
    [project.optional-dependencies]
    x = ["c[d]>=3", "openseg[a,b]"]
    """
    assert lowest_versions(text) == {"a": "1.2", "c": "3"}
