"""`openseg run --mask`: a run goes on from a former one; mistakes in prompts are one line."""

from __future__ import annotations

from PIL import Image as Pillow


def test_a_run_goes_on_from_what_a_former_run_found(cli, room, tmp_path):
    run = ("run", "seem_prompts", "--image", room, "--point", "476,276")
    assert cli(*run, "--out", "first").returncode == 0
    more = ("--mask", "first", "--negative-point", "360,560", "--out", "second")
    done = cli(*run, *more)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "second" / "overlay").is_dir()
    other = cli(*run, *more[:3], "300,580", *more[4:], "--resume")
    assert "differs in: negative_points" in other.stderr


def test_a_mistake_in_a_prompt_is_one_line_and_exit_code_2(cli, room, tmp_path):
    Pillow.new("L", (7, 5), 255).save(tmp_path / "small.png")
    Pillow.new("RGB", (40, 30)).save(tmp_path / "another.png")
    other = ("--image", "another.png", "--point", "9,9", "--out", "run")
    assert cli("run", "box_to_mask", *other).returncode == 0
    for arguments, named in (
        ((), "needs something to look for (give one or more of --text, --box"),
        (("--scribble", "10,10 5000,10"), "scribble 0: 5000,10 lies outside of"),
        (("--mask", tmp_path / "small.png"), "the mask is 7x5"),
        (("--mask", tmp_path / "run"), "the former run has no masks of 'room'"),
        (("--mask", "gone.png"), "gone.png"),
        (("--support", room), "1 support images, 0 masks"),
        (("--negative-point", "3,3"), "negative points say where a region is not"),
    ):
        done = cli("run", "seem_prompts", "--image", room, *arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert named in done.stderr
        assert "Traceback" not in done.stderr
