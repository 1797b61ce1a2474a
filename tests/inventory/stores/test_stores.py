"""Which models lie in a store, and what they are said to be made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from store_samples import (
    COMMIT,
    gguf_file,
    hub_cache,
    modelscope_cache,
    ollama_store,
    safetensors_file,
    write,
)

from countermark.inventory.stores import StoredModel, is_of_interest, scan, scan_held
from countermark.inventory.usage import Kind

CONFIG = {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "torch_dtype": "bfloat16"}
CARD = (
    "---\nlicense: apache-2.0\nbase_model:\n- Qwen/Qwen2.5-7B\npipeline_tag: text-generation\n---\n# Qwen\n"
)


def only(root: Path) -> StoredModel:
    (model,) = scan(root).models
    return model


def conflicts(model: StoredModel) -> list[tuple[str, str]]:
    return [(each.says, each.value) for each in model.conflicts]


class TestHuggingFace:
    """The hub's cache."""

    def test_a_snapshot(self, tmp_path: Path) -> None:
        files = {
            "config.json": CONFIG,
            "README.md": CARD,
            "model.safetensors": safetensors_file(),
            ".gitattributes": "x",
        }
        found = scan(hub_cache(tmp_path, "Qwen/Qwen2.5-7B-Instruct", files))
        (model,) = found.models
        assert found.unread == []
        assert (model.name, model.store, model.format) == (
            "Qwen/Qwen2.5-7B-Instruct",
            "huggingface",
            "safetensors",
        )
        assert model.revision == f"{COMMIT} (main)"
        assert (model.licence, model.bases, model.kind) == ("apache-2.0", ("Qwen/Qwen2.5-7B",), Kind.CHAT)
        assert model.architecture == "Qwen2ForCausalLM"
        assert model.place.path == f"models--Qwen--Qwen2.5-7B-Instruct/snapshots/{COMMIT}/config.json"

    def test_the_snapshot_itself_as_the_root(self, tmp_path: Path) -> None:
        hub_cache(
            tmp_path,
            "Qwen/Qwen2.5-7B-Instruct",
            {"config.json": CONFIG, "model.safetensors": safetensors_file()},
        )
        root = tmp_path / "models--Qwen--Qwen2.5-7B-Instruct/snapshots" / COMMIT
        found = scan(root)
        assert [each.format for each in found.models] == ["safetensors"]
        assert found.unread == []

    def test_what_is_no_model_is_passed_over(self, tmp_path: Path) -> None:
        write(tmp_path, {"datasets--a--b/snapshots/1/config.json": CONFIG, "version.txt": "1"})
        assert scan(tmp_path).models == []

    def test_only_the_settings_are_there(self, tmp_path: Path) -> None:
        model = only(
            hub_cache(tmp_path, "bert-base-chinese", {"tokenizer_config.json": {"do_lower_case": False}})
        )
        assert (model.name, model.format, model.bytes) == ("bert-base-chinese", "", 0)

    def test_a_download_that_was_not_finished(self, tmp_path: Path) -> None:
        hub_cache(tmp_path, "a/b", {"config.json": CONFIG})
        write(tmp_path, {"models--a--b/blobs/0f.incomplete": "half"})
        assert [each.why for each in scan(tmp_path).unread] == ["a download that was not finished"]

    def test_an_adapter(self, tmp_path: Path) -> None:
        adapter = {"base_model_name_or_path": "Qwen/Qwen2.5-7B-Instruct", "peft_type": "LORA"}
        files = {"adapter_config.json": adapter, "adapter_model.safetensors": safetensors_file()}
        model = only(hub_cache(tmp_path, "shop/lawyer", files))
        assert (model.adapter, model.bases, model.kind) == (True, ("Qwen/Qwen2.5-7B-Instruct",), Kind.CHAT)


class TestModelScope:
    """ModelScope's cache."""

    def test_a_model(self, tmp_path: Path) -> None:
        files = {
            "config.json": CONFIG,
            "configuration.json": {"task": "chat"},
            "model.safetensors": safetensors_file(),
        }
        found = scan(modelscope_cache(tmp_path / "hub/models", "Qwen/Qwen2.5-7B-Instruct", files))
        (model,) = found.models
        assert (model.name, model.store) == ("Qwen/Qwen2.5-7B-Instruct", "modelscope")
        assert model.revision == "v1.0.1"
        assert found.unread == []

    def test_notes_are_never_loaded(self, tmp_path: Path) -> None:
        evil = b"cos\nsystem\n(X\x11\x00\x00\x00touch /tmp/pwned\ntR."
        write(tmp_path / "Qwen/Qwen2___5-7B", {".mdl": evil, "config.json": CONFIG})
        assert only(tmp_path).name == "Qwen/Qwen2.5-7B"


class TestOllama:
    """Ollama's store."""

    @pytest.mark.parametrize(
        ("where", "name"),
        [
            ("registry.ollama.ai/library/qwen2.5/7b", "qwen2.5:7b"),
            ("registry.ollama.ai/shop/lawyer/latest", "shop/lawyer:latest"),
            (
                "hf.co/bartowski/Qwen2.5-7B-Instruct-GGUF/Q4_K_M",
                "hf.co/bartowski/Qwen2.5-7B-Instruct-GGUF:Q4_K_M",
            ),
        ],
    )
    def test_names(self, tmp_path: Path, where: str, name: str) -> None:
        weights = gguf_file(tmp_path / "w.gguf", name="Qwen2.5 7B Instruct", base="Qwen/Qwen2.5-7B")
        root = ollama_store(
            tmp_path / "models", where, weights, licence="\n  Apache License\n  Version 2.0, January 2004"
        )
        (model,) = scan(root).models
        assert (model.name, model.quantisation, model.licence) == (name, "Q4_K_M", "Apache-2.0")
        assert model.bases[-1] == "Qwen/Qwen2.5-7B"
        assert conflicts(model) == []

    def test_a_name_that_lies(self, tmp_path: Path) -> None:
        weights = gguf_file(tmp_path / "w.gguf", name="Qwen2.5 7B Instruct")
        root = ollama_store(
            tmp_path / "models", "registry.ollama.ai/library/gpt-4/latest", weights, **{"from": "qwen2.5:7b"}
        )
        model = only(root)
        assert conflicts(model) == [("gpt-4:latest", "Qwen2.5-7B-Instruct")]
        assert model.bases == ("qwen2.5:7b",)

    def test_a_name_that_says_nothing(self, tmp_path: Path) -> None:
        weights = gguf_file(tmp_path / "w.gguf", name="Qwen2.5 7B Instruct")
        model = only(ollama_store(tmp_path / "m", "registry.ollama.ai/library/lawyer/latest", weights))
        assert (model.name, model.bases, model.kind) == ("lawyer:latest", ("Qwen2.5 7B Instruct",), Kind.CHAT)

    def test_a_model_that_runs_elsewhere(self, tmp_path: Path) -> None:
        config = {"remote_host": "https://ollama.com:443", "remote_model": "gpt-oss:120b"}
        root = ollama_store(tmp_path, "registry.ollama.ai/library/gpt-oss/120b-cloud", None, config)
        assert only(root).remote == "ollama.com"

    def test_weights_that_are_missing(self, tmp_path: Path) -> None:
        weights = gguf_file(tmp_path / "w.gguf")
        root = ollama_store(tmp_path / "m", "registry.ollama.ai/library/qwen2.5/7b", weights)
        max((root / "blobs").iterdir(), key=lambda path: path.stat().st_size).unlink()
        found = scan(root)
        assert [each.name for each in found.models] == ["qwen2.5:7b"]
        assert [each.why for each in found.unread] == ["its weights are not in the store"]

    def test_manifests_of_others_are_no_store(self, tmp_path: Path) -> None:
        write(tmp_path, {"manifests/base/shop/deploy.yaml": "kind: Deployment", "manifests/a/b/c": "no json"})
        found = scan(tmp_path)
        assert (found.models, found.unread) == ([], [])


class TestFolders:
    """Folders of models, and loose files."""

    @pytest.mark.parametrize(
        ("folder", "config", "name", "expected"),
        [
            ("Qwen2.5-7B-Instruct", {}, "Qwen2.5-7B-Instruct", []),
            ("Qwen2.5-7B-Instruct", {"_name_or_path": "Qwen/Qwen2.5-7B"}, "Qwen2.5-7B-Instruct", []),
            ("bge-small-zh-v1.5", {"_name_or_path": "BAAI/bge-base-zh-v1.5"}, "BAAI/bge-base-zh-v1.5",
             [("bge-small-zh-v1.5", "BAAI/bge-base-zh-v1.5")]),
            ("bge-small-zh", {"_name_or_path": "/srv/models/bge-base-zh/"}, "/srv/models/bge-base-zh/",
             [("bge-small-zh", "/srv/models/bge-base-zh/")]),
            ("shop-assistant", {"_name_or_path": "Qwen/Qwen2.5-7B"}, "shop-assistant", []),
            ("shop-assistant/checkpoint-500", {"_name_or_path": "Qwen/Qwen2.5-7B"}, "shop-assistant", []),
            ("output/checkpoint-500", {"_name_or_path": "Qwen/Qwen2.5-7B"}, "Qwen/Qwen2.5-7B", []),
            ("output/final", {}, "", []),
        ],
    )  # fmt: skip
    def test_names(self, tmp_path: Path, folder: str, config: dict, name: str, expected: list) -> None:
        files = {"config.json": CONFIG | config, "model.safetensors": safetensors_file(dtype=np.int8)}
        write(tmp_path / "output" / folder, files)
        model = only(tmp_path)
        assert (model.name, conflicts(model)) == (name, expected)

    def test_a_size_that_lies(self, tmp_path: Path) -> None:
        files = {"config.json": CONFIG, "model.safetensors": safetensors_file(1_000_000)}
        model = only(write(tmp_path / "Qwen2.5-7B-Instruct", files))
        assert conflicts(model) == [("Qwen2.5-7B-Instruct", "1 million parameters")]

    @pytest.mark.parametrize(
        "files",
        [
            {"config.json": CONFIG | {"quantization_config": {"quant_method": "gptq", "bits": 4}}},
            {"config.json": CONFIG, "model-00003-of-00003.safetensors": safetensors_file()},
            {"config.json": CONFIG, "model.safetensors": safetensors_file(dtype=np.int32)},
        ],
        ids=["packed", "a shard is missing", "whole numbers"],
    )
    def test_sizes_that_cannot_be_counted(self, tmp_path: Path, files: dict) -> None:
        root = write(
            tmp_path / "Qwen2.5-7B-Instruct",
            {"model-00001-of-00003.safetensors": safetensors_file(), **files},
        )
        assert conflicts(only(root)) == []

    def test_quantisation(self, tmp_path: Path) -> None:
        packed = {"quantization_config": {"quant_method": "awq", "bits": 4}}
        files = {"config.json": CONFIG | packed, "model.safetensors": safetensors_file()}
        assert only(write(tmp_path / "Qwen2.5-7B-Instruct-AWQ", files)).quantisation == "awq-int4"

    def test_a_pipeline_is_one_model(self, tmp_path: Path) -> None:
        root = write(
            tmp_path / "stable-diffusion-xl-base-1.0",
            {
                "model_index.json": {"_class_name": "StableDiffusionXLPipeline"},
                "unet/config.json": {"_class_name": "UNet2DConditionModel"},
                "unet/diffusion_pytorch_model.safetensors": safetensors_file(),
                "text_encoder/config.json": {
                    "architectures": ["CLIPTextModel"],
                    "model_type": "clip_text_model",
                },
            },
        )
        model = only(root)
        assert (model.name, model.kind, model.format) == (
            "stable-diffusion-xl-base-1.0",
            Kind.IMAGE,
            "safetensors",
        )

    def test_embeddings(self, tmp_path: Path) -> None:
        files = {
            "config.json": {"architectures": ["BertModel"], "model_type": "bert"},
            "config_sentence_transformers.json": {},
            "1_Pooling/config.json": {"word_embedding_dimension": 512},
            "pytorch_model.bin": b"PK\x03\x04" + b"\0" * 100,
            "onnx/model.onnx": b"",
        }
        model = only(write(tmp_path / "shop-embedder", files))
        assert (model.name, model.kind, model.format) == ("shop-embedder", Kind.EMBEDDING, "torch")

    def test_settings_of_a_program_are_no_model(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {"app/config.json": {"port": 8000}, "app/data.bin": b"\0" * 100_000, "app/model.pt": b"text"},
        )
        assert scan(tmp_path).models == []

    def test_gguf_files(self, tmp_path: Path) -> None:
        named = {"name": "Qwen2.5 7B Instruct", "license": "apache-2.0", "base": "Qwen/Qwen2.5-7B"}
        gguf_file(tmp_path / "qwen2.5-7b-instruct-q4_k_m.gguf", file_type=15, **named)
        gguf_file(tmp_path / "ggml-model-q4_0.gguf", name="Llama 3.1 8B Instruct", file_type=2)
        gguf_file(tmp_path / "bge-small-zh.gguf", name="Bge Base Zh V1.5", architecture="bert")
        gguf_file(tmp_path / "mmproj-model-f16.gguf", architecture="clip")
        found = {each.name: each for each in scan(tmp_path).models}
        assert set(found) == {"qwen2.5-7b-instruct-q4_k_m", "Llama 3.1 8B Instruct", "Bge Base Zh V1.5"}
        first = found["qwen2.5-7b-instruct-q4_k_m"]
        assert (first.quantisation, first.licence, first.bases) == (
            "Q4_K_M",
            "apache-2.0",
            ("Qwen/Qwen2.5-7B",),
        )
        assert first.architecture == "qwen2"
        assert conflicts(found["Bge Base Zh V1.5"]) == [("bge-small-zh", "Bge Base Zh V1.5")]

    def test_a_file_under_a_name_that_says_nothing(self, tmp_path: Path) -> None:
        model = only(gguf_file(tmp_path / "chat.gguf", name="Qwen2.5 7B Instruct"))
        assert (model.name, conflicts(model)) == ("Qwen2.5 7B Instruct", [])
        assert "chat" in model.names

    def test_shards_are_one_model(self, tmp_path: Path) -> None:
        for number in (1, 2):
            gguf_file(tmp_path / f"qwen2.5-72b-instruct-q4_k_m-0000{number}-of-00002.gguf", file_type=15)
        model = only(tmp_path)
        assert (model.name, model.quantisation) == ("qwen2.5-72b-instruct-q4_k_m", "Q4_K_M")

    def test_a_file_as_the_root(self, tmp_path: Path) -> None:
        model = only(gguf_file(tmp_path / "Qwen3-8B-Q8_0.gguf", file_type=7))
        assert (model.name, model.where) == ("Qwen3-8B-Q8_0", str(tmp_path / "Qwen3-8B-Q8_0.gguf"))

    def test_an_adapter_for_images(self, tmp_path: Path) -> None:
        notes = {"ss_output_name": "shop-style", "ss_base_model_version": "sdxl_base_v1-0"}
        (tmp_path / "lora.safetensors").write_bytes(safetensors_file(100_000, notes))
        model = only(tmp_path / "lora.safetensors")
        assert model.bases == ("sdxl_base_v1-0",)
        assert "shop-style" in (model.name, *model.names)


def test_an_image_instead_of_a_disk(tmp_path: Path) -> None:
    gguf_file(tmp_path / "models/qwen2.5-7b-instruct-q4_k_m.gguf", file_type=15)
    hub_cache(tmp_path / "hub", "Qwen/QwQ-32B", {"config.json": CONFIG})
    held = {}
    for path in tmp_path.rglob("*"):
        name = path.relative_to(tmp_path).as_posix()
        if path.is_file() and is_of_interest(name, path.stat().st_size):
            held[name] = (path.stat().st_size, path.read_bytes()[:4096])
    assert [each.name for each in scan_held(held).models] == ["Qwen/QwQ-32B", "qwen2.5-7b-instruct-q4_k_m"]
