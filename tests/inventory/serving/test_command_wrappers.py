"""What stands around the command of a server: shells, launchers, containers, scripts."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countermark.inventory.serving import Served, served

QWEN = "Qwen/QwQ-32B"
AROUND = """
bash -c "vllm serve Qwen/QwQ-32B"
sh -lc "cd /srv && exec vllm serve Qwen/QwQ-32B"
bash -o pipefail -ec "vllm serve Qwen/QwQ-32B 2>&1 | tee /var/log/vllm.log"
'VLLM_USE_MODELSCOPE=True CUDA_VISIBLE_DEVICES=0,1 vllm serve Qwen/QwQ-32B'
CUDA_VISIBLE_DEVICES=0 nohup vllm serve Qwen/QwQ-32B
env -u HTTP_PROXY A=b vllm serve Qwen/QwQ-32B
sudo -u llm -- vllm serve Qwen/QwQ-32B
/usr/bin/tini -g -- vllm serve Qwen/QwQ-32B
timeout -k 5 3600 vllm serve Qwen/QwQ-32B
numactl --cpunodebind 0 vllm serve Qwen/QwQ-32B
uv run --with vllm vllm serve Qwen/QwQ-32B
conda run -n llm --no-capture-output vllm serve Qwen/QwQ-32B
torchrun --nproc-per-node 2 -m vllm.entrypoints.openai.api_server --model Qwen/QwQ-32B
tmux new-session -d -s llm 'vllm serve Qwen/QwQ-32B'
screen -dmS llm vllm serve Qwen/QwQ-32B
/entrypoint.sh vllm serve Qwen/QwQ-32B
bash /opt/docker-entrypoint.sh vllm serve Qwen/QwQ-32B
docker exec -it box vllm serve Qwen/QwQ-32B
docker run --gpus all --ipc=host -it --rm -p 8000:8000 vllm/vllm-openai:latest --model Qwen/QwQ-32B
docker compose -f a.yml run --rm llm vllm serve Qwen/QwQ-32B
kubectl -n ai exec -it deploy/llm -c main -- vllm serve Qwen/QwQ-32B
kubectl run llm --image=vllm/vllm-openai --env=A=b -- --model Qwen/QwQ-32B
sudo docker run -d --entrypoint vllm vllm/vllm-openai serve Qwen/QwQ-32B
apptainer exec --nv docker://vllm/vllm-openai vllm serve Qwen/QwQ-32B
bash -c "sudo -E bash -c 'exec vllm serve Qwen/QwQ-32B'"
eval 'vllm serve' Qwen/QwQ-32B
"""
PIECES = (
    "bash -c sh sudo env A=b docker run exec eval vllm serve python -m -- --model a/b $( ${ ` ' \" # ; && ( )"
)


def brief(line: str, image: str = "") -> list[tuple[str, str]]:
    return [(each.engine, each.model) for each in served(shlex.split(line), image=image)]


@pytest.mark.parametrize("line", AROUND.strip().split("\n"))
def test_what_stands_around_it(line: str) -> None:
    assert brief(line) == [("vllm", QWEN)]


def test_a_script() -> None:
    script = """
    # vllm serve commented/out
    set -euo pipefail
    export MODEL="Qwen/QwQ-32B"   # the model
    PORT=9001
    for m in qwen2.5:7b "bge-m3"; do
      ollama pull "$m"
    done
    if [ -z "$X" ]; then vllm serve ${MODEL} --port $PORT \\
        --served-model-name 'gpt 4'; fi
    cat > a.txt <<-END
    vllm serve not/run
\tEND
    python -m sglang.launch_server --model-path $OTHER >log 2>&1 &
    wait
    """
    assert [(s.engine, s.model, s.port, s.served_name) for s in served(["bash", "-c", script])] == [
        ("download", "qwen2.5:7b", 0, ""),
        ("download", "bge-m3", 0, ""),
        ("vllm", QWEN, 9001, "gpt 4"),
        ("sglang", "$OTHER", 30000, ""),
    ]


def test_variables_of_a_known_environment() -> None:
    script = ["sh", "-c", "vllm serve ${MODEL:-Qwen/QwQ-32B} --port ${PORT:-9}"]
    assert served(script)[0].model == "${MODEL:-Qwen/QwQ-32B}"
    assert served(script, environment={})[0].model == QWEN
    assert served(script, environment={"MODEL": "a/b"})[0].model == "a/b"
    assert served([], image="huggingface/text-generation-inference", environment={"MODEL_ID": "a/b"}) == [
        Served("a/b", "tgi", port=80)
    ]


@given(st.lists(st.text(max_size=40), max_size=12), st.text(max_size=40))
def test_any_words_give_a_list(words: list[str], image: str) -> None:
    assert isinstance(served(words, image=image), list)


@given(st.lists(st.sampled_from(PIECES.split(" ")), max_size=30))
def test_any_mixture_gives_a_list(words: list[str]) -> None:
    assert isinstance(served(words), list)
    assert isinstance(served(["bash", "-c", " ".join(words)], environment={"A": "$A$A", "M": "a"}), list)


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "script",
    [
        "$(" * 100_000,
        "${" * 100_000,
        "'" * 100_000,
        "a=$a$a;" * 10_000 + "echo $a",
        "for i in "
        + "x " * 50_000
        + "; do for j in "
        + "y " * 50_000
        + "; do ollama pull $i$j$i$j; done; done",
        "cat <<A <<B <<C\n" * 20_000,
        "bash -c " * 50_000,
        "sudo " * 100_000 + "vllm serve a/b",
        "{" * 200_000,
    ],
    ids=["commands", "braces", "quotes", "doubling", "loops", "here", "shells", "sudo", "groups"],
)
def test_nothing_takes_long(script: str) -> None:
    assert len(served(["bash", "-c", script])) <= 4_000
    assert len(served(script.split(" "))) <= 4_000
