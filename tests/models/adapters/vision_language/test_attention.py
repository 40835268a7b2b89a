"""Where a network looks: the numbers transformers itself gives, on a grid of the whole picture."""

from __future__ import annotations

import pytest
import torch

from openseg.models.adapters.vision_language import prompts
from openseg.models.adapters.vision_language.folder import FolderVisionLanguage
from openseg.models.adapters.vision_language.hf import TransformersVisionLanguage
from openseg.models.adapters.vision_language.recorded import RecordingVisionLanguage
from openseg.models.protocols import ReplyAttention, VisualQuestion
from openseg.models.reply_errors import LanguageModelError
from openseg.types.errors import InputError
from tests.models.adapters.pictures import picture
from tests.models.adapters.vision_language.checkpoints import save_llava, save_qwen, save_smolvlm

SAVERS = {"llava": save_llava, "smolvlm": save_smolvlm, "qwen": save_qwen}
CPU = torch.device("cpu")


@pytest.fixture(scope="module", params=SAVERS)
def adapter(request, tmp_path_factory) -> TransformersVisionLanguage:
    folder = SAVERS[request.param](tmp_path_factory.mktemp(request.param))
    return TransformersVisionLanguage.load(folder, CPU, torch.float32)


def grid_of(adapter, height: int, width: int) -> tuple[int, int]:
    """Rows and columns as each architecture documents them."""
    kind = adapter._model.config.model_type
    if kind == "llava":
        return 3, 3  # 24 pixels in patches of 8
    if kind == "smolvlm":
        return 2, 2  # 32 pixels in patches of 8, four of them a token
    return height // 28, width // 28  # patches of 14, four of them a token


def test_it_is_the_attention_that_transformers_gives(adapter):
    """Read from the model's own output of all layers, with the slow attention switched on."""
    assert isinstance(adapter, ReplyAttention)
    question = VisualQuestion("what is it?", (picture(56, 84, 1).pixels,))
    found = [adapter.look([question], depth)[0] for depth in (0.0, 0.4, 0.6, 1.0)]
    model, processor = adapter._model, adapter._processor
    [row] = prompts.prompt_rows(processor, 0, question)
    inputs = prompts._encode(model, processor, [row.prompt], [row.images])
    model.set_attn_implementation("eager")
    with torch.no_grad():
        layers = model(**inputs, output_attentions=True).attentions
    model.set_attn_implementation("sdpa")
    assert len(layers) == 2
    mark = processor.tokenizer.convert_tokens_to_ids(processor.image_token)
    rows, columns = grid_of(adapter, 56, 84)
    for heat, layer in zip(found, (0, 0, 1, 1), strict=True):
        paid = layers[layer][0, :, -1].mean(0)[inputs["input_ids"][0] == mark]
        assert heat.shape == (rows, columns)
        assert torch.allclose(heat.flatten(), paid[-rows * columns :], atol=1e-6)


def test_looking_changes_no_reply(adapter):
    question = VisualQuestion("what is it?", (picture(56, 56, 1).pixels,))
    before = adapter.ask([question], 8)
    adapter.look([question], 0.5)
    assert adapter.ask([question], 8) == before
    assert adapter.look([], 0.5) == []


def test_a_question_without_a_picture_or_with_two_is_refused(adapter):
    one = picture(30, 30, 1).pixels
    for images in ((), (one, one)):
        with pytest.raises(InputError, match="for one picture"):
            adapter.look([VisualQuestion("what is it?", images)], 0.5)


def test_a_processor_that_cuts_the_borders_off_still_sees_all_of_it(tmp_path):
    adapter = TransformersVisionLanguage.load(save_llava(tmp_path), CPU, torch.float32)
    image = adapter._processor.image_processor
    image.do_center_crop, image.size = True, {"shortest_edge": 24}
    left, right = torch.zeros(2, 3, 30, 90, dtype=torch.uint8)
    left[0, :, :20], right[0, :, 70:] = 255, 255  # both outside of the middle square
    looks = [adapter.look([VisualQuestion("what?", (one,))], 0.5)[0] for one in (left, right)]
    assert not torch.allclose(looks[0], looks[1])


def test_servers_and_recordings_do_not_tell(adapter, tmp_path):
    question = VisualQuestion("what is it?", (picture(30, 30, 1).pixels,))
    RecordingVisionLanguage(adapter, tmp_path / "replies.jsonl").ask([question], 4)
    replaying = FolderVisionLanguage.load(tmp_path, CPU, torch.float32)
    with pytest.raises(LanguageModelError, match="do not tell"):
        replaying.look([question], 0.5)
