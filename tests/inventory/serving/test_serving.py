"""Which server a command line or an image starts, and with which model."""

from __future__ import annotations

import shlex
import tomllib
from importlib.resources import files

import pytest

from countermark.inventory.serving import served
from countermark.inventory.serving.engines import engines

PROGRAMS = """
vllm | Qwen/QwQ-32B | vllm serve Qwen/QwQ-32B
vllm | Qwen/QwQ-32B | /opt/venv/bin/vllm serve --model Qwen/QwQ-32B
vllm | Qwen/QwQ-32B | /usr/bin/python3 /usr/local/bin/vllm serve Qwen/QwQ-32B --port 8000
vllm | Qwen/QwQ-32B | vllm serve --trust-remote-code --max-model-len 4096 Qwen/QwQ-32B
vllm | Qwen/QwQ-32B | vllm serve --port 8000 Qwen/QwQ-32B
vllm | /models/QwQ-32B | python -u -m vllm.entrypoints.openai.api_server --model /models/QwQ-32B
vllm | Qwen/QwQ-32B | python3.11 -m vllm.entrypoints.openai.api_server --model=Qwen/QwQ-32B
vllm | Qwen/QwQ-32B | python -mvllm.entrypoints.openai.api_server --model Qwen/QwQ-32B
sglang | Qwen/QwQ-32B | python -m sglang.launch_server --model-path Qwen/QwQ-32B --tp 8
sglang | Qwen/QwQ-32B | sglang serve --model-path Qwen/QwQ-32B
tgi | tiiuae/falcon-7b | text-generation-launcher --model-id tiiuae/falcon-7b --num-shard 2
tei | BAAI/bge-m3 | text-embeddings-router --model-id BAAI/bge-m3 --port 80
ollama | qwen2.5:7b | ollama run qwen2.5:7b 'say hello'
ollama |  | ollama serve
llama.cpp | /m/qwen2.5-7b-q4_k_m.gguf | llama-server -m /m/qwen2.5-7b-q4_k_m.gguf -c 4096
llama.cpp | ggml-org/gemma-3-4b-it-GGUF:Q4_K_M | llama-server -hf ggml-org/gemma-3-4b-it-GGUF:Q4_K_M
llama.cpp | ggml-org/embeddinggemma-300M-qat-q4_0-GGUF | llama-server --embd-gemma-default
llama.cpp | ggml-org/gpt-oss-20b-GGUF | llama serve --gpt-oss-20b-default
llama.cpp | models/7B/ggml-model-q4_0.gguf | ./server -m models/7B/ggml-model-q4_0.gguf
llama.cpp | /m/x.gguf | python -m llama_cpp.server --model /m/x.gguf --model_alias gpt
xinference | qwen2.5-instruct | xinference launch --model-name qwen2.5-instruct -s 7
xinference | bge-m3 | xinference launch -n bge-m3 --model-type embedding
lmdeploy | internlm/internlm2_5-7b-chat | lmdeploy serve api_server internlm/internlm2_5-7b-chat
lmdeploy | /pde/internlm2 | lmdeploy serve api_server --tp 1 --backend pytorch /pde/internlm2 --dtype float16
swift | Qwen/QwQ-32B | swift deploy --model Qwen/QwQ-32B --infer_backend vllm
swift | qwen/Qwen-7B-Chat | swift deploy --model_id_or_path qwen/Qwen-7B-Chat
llama-factory | Qwen/QwQ-32B | llamafactory-cli api llama3.yaml model_name_or_path=Qwen/QwQ-32B
fastchat | lmsys/vicuna-7b-v1.5 | python -m fastchat.serve.model_worker --model-path lmsys/vicuna-7b-v1.5
fastdeploy | baidu/ERNIE-4.5 | python -m fastdeploy.entrypoints.openai.api_server --model baidu/ERNIE-4.5
lightllm | /m/Qwen-7B | python -m lightllm.server.api_server --model_dir /m/Qwen-7B
tensorrt-llm | meta-llama/Llama-3.1-8B | trtllm-serve meta-llama/Llama-3.1-8B --backend pytorch
tensorrt-llm | /engines/qwen | trtllm-serve serve /engines/qwen --tokenizer Qwen/Qwen2-7B
triton | bge_m3 | tritonserver --model-repository=/models --load-model=bge_m3
mindie |  | ./mindieservice_daemon
ray serve | Qwen/QwQ-32B | serve run app:deployment model=Qwen/QwQ-32B
koboldcpp | l3-8b.gguf | python koboldcpp.py --model l3-8b.gguf
mlx_lm | mlx-community/QwQ-32B-4bit | mlx_lm.server --model mlx-community/QwQ-32B-4bit
mlx_lm | a/b | python -m mlx_lm server --model a/b
openllm | meta-llama/Llama-2-7b | openllm start llama --model-id meta-llama/Llama-2-7b
openllm | qwen2.5:7b | openllm serve qwen2.5:7b
aphrodite | Qwen/QwQ-32B | aphrodite run Qwen/QwQ-32B
text-generation-webui | Qwen_Qwen2-7B | python server.py --model Qwen_Qwen2-7B --loader exllamav2
localai | llama-3.2-1b-instruct:q4_k_m | local-ai run llama-3.2-1b-instruct:q4_k_m
llamafile | Qwen2.5-7B-Instruct-Q6_K | ./Qwen2.5-7B-Instruct-Q6_K.llamafile --server
ramalama | ollama://smollm:135m | ramalama serve ollama://smollm:135m
docker model runner | ai/qwen2.5:7B-Q4_K_M | docker model run ai/qwen2.5:7B-Q4_K_M
whisper.cpp | models/ggml-large-v3.bin | whisper-server -m models/ggml-large-v3.bin
"""
NONE = """
grep vllm serve Qwen/QwQ-32B
ps aux | grep 'vllm serve'
python fake.py vllm serve Qwen/QwQ-32B
vim vllm serve Qwen/QwQ-32B
echo vllm serve Qwen/QwQ-32B
pip install vllm sglang
vllm bench serve --model Qwen/QwQ-32B
vllm chat
vllm serve --help
ollama list
ollama rm qwen2.5:7b
npx serve -s build
serve -s build --model x
./server --config app.yaml
python server.py --model resnet
python train.py --model Qwen/QwQ-32B --tensor-parallel-size 2 --max-model-len 100
uvicorn app:app --port 8000
docker run nginx
docker ps
docker model list
huggingface-cli login
huggingface-cli download --repo-type dataset a/b
modelscope download --dataset a/b
git clone https://github.com/vllm-project/vllm
git clone https://huggingface.co/datasets/a/b
curl http://localhost:8000/v1/models
-
--
env
sudo -u
bash -c
docker run
kubectl exec
"""
IMAGES = """
vllm | Qwen/QwQ-32B | vllm/vllm-openai:v0.6.3 | --model Qwen/QwQ-32B --port 8000
vllm | Qwen/QwQ-32B | vllm/vllm-openai | Qwen/QwQ-32B --port 8000
vllm | Qwen/QwQ-32B | docker.m.daocloud.io/vllm/vllm-openai:latest | --model Qwen/QwQ-32B
vllm | a/b | swr.cn-north-4.myhuaweicloud.com/ddn-k8s/docker.io/vllm/vllm-openai:v0.8 | --model a/b
vllm | a/b | registry.local:5000/ai/vllm-ascend@sha256:00 | --model a/b
vllm | a/b | vllm/vllm-openai | python3 -m vllm.entrypoints.openai.api_server --model a/b
vllm |  | vllm/vllm-openai |
tgi | a/b | ghcr.io/huggingface/text-generation-inference:2.0 | --model-id a/b
tei | BAAI/bge-m3 | ghcr.io/huggingface/text-embeddings-inference:cpu-1.5 | --model-id BAAI/bge-m3
sglang | a/b | lmsysorg/sglang:latest | python3 -m sglang.launch_server --model-path a/b
sglang | a/b | lmsysorg/sglang:latest | --model-path a/b
ollama | qwen2.5:7b | ollama/ollama | run qwen2.5:7b
ollama |  | ollama/ollama:rocm | serve
download | qwen2.5:7b | ollama/ollama | pull qwen2.5:7b
llama.cpp | /models/a.gguf | ghcr.io/ggml-org/llama.cpp:server-cuda | -m /models/a.gguf
llama.cpp | /models/a.gguf | ghcr.io/ggml-org/llama.cpp:full | --server -m /models/a.gguf
xinference | qwen2-instruct | xprobe/xinference:latest | xinference launch --model-name qwen2-instruct
xinference |  | xprobe/xinference:latest | xinference-local -H 0.0.0.0
lmdeploy | /m/a | openmmlab/lmdeploy:v0.6 | lmdeploy serve api_server /m/a --model-format awq
nim | meta/llama-3.1-8b-instruct | nvcr.io/nim/meta/llama-3.1-8b-instruct:1.3 |
infinity | BAAI/bge-m3 | michaelf34/infinity:0.0.70 | v2 --model-id BAAI/bge-m3
localai | qwen2.5-7b-instruct:q4 | localai/localai:latest-cpu | qwen2.5-7b-instruct:q4
vllm | a/b | acme/llm:1 | --model a/b --max-model-len 4096
sglang | a/b | acme/llm:1 | --model-path a/b --mem-fraction-static 0.8
"""
FETCHED = """
Qwen/QwQ-32B | huggingface-cli download Qwen/QwQ-32B --local-dir /models/q
Qwen/QwQ-32B | hf download --revision main Qwen/QwQ-32B
Qwen/QwQ-32B | modelscope download --model Qwen/QwQ-32B --local_dir x
Qwen/QwQ-32B | modelscope download --model=Qwen/QwQ-32B
qwen2.5:7b | ollama pull qwen2.5:7b
qwen2.5:7b | docker exec ollama ollama pull qwen2.5:7b
Qwen/QwQ-32B | git clone https://www.modelscope.cn/Qwen/QwQ-32B.git
BAAI/bge-m3 | git lfs clone https://hf-mirror.com/BAAI/bge-m3 /models/bge
Qwen/QwQ-32B-GGUF | wget -c https://huggingface.co/Qwen/QwQ-32B-GGUF/resolve/main/q4.gguf
qwen2.5:7b | curl http://ollama:11434/api/pull -d '{"name": "qwen2.5:7b"}'
bge-m3 | curl http://x:9997/v1/models -d '{"model_name": "bge-m3", "model_type": "embedding"}'
Qwen/QwQ-32B | python -c "from modelscope import snapshot_download as s; snapshot_download('Qwen/QwQ-32B')"
BAAI/bge-m3 | python -c "SentenceTransformer(model_name_or_path='BAAI/bge-m3')"
"""


def brief(line: str, image: str = "") -> list[tuple[str, str]]:
    return [(each.engine, each.model) for each in served(shlex.split(line), image=image)]


def rows(table: str, columns: int) -> list[tuple[str, ...]]:
    return [
        tuple(part.strip() for part in line.split("|", columns - 1)) for line in table.strip().split("\n")
    ]


@pytest.mark.parametrize(("engine", "model", "line"), rows(PROGRAMS, 3))
def test_a_server_by_its_program(line: str, engine: str, model: str) -> None:
    assert brief(line) == [(engine, model)]


@pytest.mark.parametrize("line", ["", *NONE.strip().split("\n")])
def test_what_is_none(line: str) -> None:
    assert brief(line) == []


@pytest.mark.parametrize(("engine", "model", "image", "line"), rows(IMAGES, 4))
def test_a_server_by_its_image(image: str, line: str, engine: str, model: str) -> None:
    assert brief(line, image) == [(engine, model)]


@pytest.mark.parametrize(
    ("image", "line"),
    [
        ("vllm/vllm-openai", "sleep infinity"),
        ("vllm/vllm-openai", "bash"),
        ("vllm/vllm-openai", "python3 output/replay.py --out result.json"),
        ("vllm/vllm-openai", "tools/check.sh all"),
        ("ghcr.io/open-webui/open-webui:ollama", "bash start.sh"),
        ("acme/app", "--model a/b"),
        ("nginx", "--model-path a --max-model-len 1"),
    ],
)
def test_an_image_alone_is_not_enough(image: str, line: str) -> None:
    assert brief(line, image) == []


@pytest.mark.parametrize(("model", "line"), rows(FETCHED, 2))
def test_what_only_fetches(line: str, model: str) -> None:
    assert brief(line) == [("download", model)]


def test_several_models_of_one_process() -> None:
    line = "infinity_emb v2 --model-id BAAI/bge-m3 --model-id BAAI/bge-reranker-base --port 7997"
    assert brief(line) == [("infinity", "BAAI/bge-m3"), ("infinity", "BAAI/bge-reranker-base")]
    assert brief("tabby serve --model StarCoder-1B --chat-model Qwen2-1.5B-Instruct") == [
        ("tabby", "StarCoder-1B"),
        ("tabby", "Qwen2-1.5B-Instruct"),
    ]


def test_every_row_is_whole() -> None:
    text = files("countermark.inventory.serving").joinpath("engines.toml").read_text("utf-8")
    data = tomllib.loads(text)["engine"]
    fields = """id starts images entry marks only_with model name lora draft quantisation revision size host
        port endpoint environment presets image_names program_names positional positional_is_name several both
        default_port image_port kind source"""
    for row in data:
        assert set(row) <= set(fields.split()), row["id"]
        assert row["source"].startswith("https://")
        assert row["starts"] or row["images"]
    assert len(engines()) == len(data)
