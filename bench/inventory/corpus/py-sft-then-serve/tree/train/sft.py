from datasets import load_dataset
from trl import SFTConfig, SFTTrainer

BASE = "Qwen/Qwen2.5-1.5B-Instruct"

dataset = load_dataset("json", data_files="data/dialogs.jsonl", split="train")
trainer = SFTTrainer(
    model=BASE,
    train_dataset=dataset,
    args=SFTConfig(output_dir="out/pharmacy-sft", num_train_epochs=2, bf16=True),
)
trainer.train()
trainer.save_model()
