import torch
from diffusers import ControlNetModel, StableDiffusionXLControlNetPipeline

BASE = "stabilityai/stable-diffusion-xl-base-1.0"
# BASE = "Kwai-Kolors/Kolors-diffusers"
CONTROLNET = "diffusers/controlnet-canny-sdxl-1.0"

controlnet = ControlNetModel.from_pretrained(CONTROLNET, torch_dtype=torch.float16)
pipe = StableDiffusionXLControlNetPipeline.from_pretrained(
    BASE, controlnet=controlnet, torch_dtype=torch.float16, variant="fp16"
).to("cuda")
pipe.load_lora_weights("latent-consistency/lcm-lora-sdxl")


def render(prompt: str, edges):
    return pipe(prompt, image=edges, num_inference_steps=8, guidance_scale=1.5).images[0]
