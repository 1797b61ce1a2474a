import argparse
import threading

import gradio as gr
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, TextIteratorStreamer

DEFAULT_CKPT_PATH = "Qwen/Qwen2.5-7B-Instruct"


def get_args():
    parser = argparse.ArgumentParser(description="网页演示")
    parser.add_argument("-c", "--checkpoint-path", type=str, default=DEFAULT_CKPT_PATH)
    parser.add_argument("--adapter", type=str, default="lanyi-tech/lanyi-law-lora")
    parser.add_argument("--cpu-only", action="store_true")
    parser.add_argument("--server-port", type=int, default=7860)
    return parser.parse_args()


def load(args):
    tokenizer = AutoTokenizer.from_pretrained(args.checkpoint_path)
    model = AutoModelForCausalLM.from_pretrained(
        args.checkpoint_path, torch_dtype=torch.bfloat16, device_map="cpu" if args.cpu_only else "auto"
    )
    return PeftModel.from_pretrained(model, args.adapter).eval(), tokenizer


def main():
    args = get_args()
    model, tokenizer = load(args)

    def reply(message, history):
        text = tokenizer.apply_chat_template(
            [*history, {"role": "user", "content": message}], tokenize=False, add_generation_prompt=True
        )
        streamer = TextIteratorStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
        inputs = tokenizer([text], return_tensors="pt").to(model.device)
        threading.Thread(target=model.generate, kwargs={**inputs, "streamer": streamer}).start()
        answer = ""
        for piece in streamer:
            answer += piece
            yield answer

    gr.ChatInterface(reply, type="messages", title="揽宜法律助手").launch(server_port=args.server_port)


if __name__ == "__main__":
    main()
