import hydra
from omegaconf import DictConfig
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg: DictConfig) -> None:
    tokenizer = AutoTokenizer.from_pretrained(cfg.tokenizer)
    model = AutoModelForCausalLM.from_pretrained(cfg.model.name)
    model = get_peft_model(model, LoraConfig(r=cfg.model.lora_rank))
    arguments = TrainingArguments(output_dir=f"runs/{cfg.run_name}", learning_rate=cfg.trainer.lr)
    Trainer(model=model, args=arguments, tokenizer=tokenizer).train()


if __name__ == "__main__":
    main()
