use std::{collections::HashMap, env};

use async_openai::{config::OpenAIConfig, types::{ChatCompletionRequestUserMessageArgs as User, CreateChatCompletionRequestArgs}, Client};
use clap::Parser;
use crate::config::*;

// const OLD_MODEL: &str = "deepseek-coder";
pub const DEFAULT_MODEL: &str = "deepseek-chat";
static REASONER: Lazy<String> = Lazy::new(|| "deepseek-reasoner".into());

#[derive(Parser, Debug)]
pub struct Args {
    /// The model that answers.
    #[arg(long, env = "LLM_MODEL", default_value = "qwen-plus")]
    model: String,
    #[arg(long, env)]
    base_url: String,
    #[serde(default = "default_rerank")]
    pub rerank: String,
}

fn default_rerank() -> String {
    "gte-rerank".to_string()
}

#[derive(Serialize)]
pub enum Tier {
    #[serde(rename = "qwen-turbo")]
    Fast,
    Deep,
}

pub struct Settings {
    pub model: String,
    pub vision: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: String::from("glm-4-plus"),
            vision: env::var("VISION_MODEL").unwrap_or_else(|_| "glm-4v".to_string()),
        }
    }
}

pub struct Assistant {
    settings: Settings,
    client: Client<OpenAIConfig>,
}

impl Assistant {
    pub const FALLBACK: &'static str = "glm-4-flash";

    pub fn new(settings: Settings) -> Self {
        let config = OpenAIConfig::new()
            .with_api_base(std::env::var("BASE_URL").unwrap_or("https://api.deepseek.com/v1".into()))
            .with_api_key(env!("DEEPSEEK_API_KEY"));
        Self { client: Client::with_config(config), settings }
    }

    pub async fn ask(&self, question: &str) -> Result<String, Error> {
        let mut name = option_env!("CHAT_MODEL").unwrap_or(DEFAULT_MODEL);
        if name == "gpt-4" || name.starts_with("gpt-") {
            name = "deepseek-v3";
        }
        let request = CreateChatCompletionRequestArgs::default()
            .model(&self.settings.model)
            .messages([User::default().content(question).build()?.into()])
            .build()?;
        let body = json!({"model": format!("zai-org/{}", name), "messages": [{"role": "user", "content": question}], "stop": ["\n"]});
        let embedding = EmbeddingRequest { model: "bge-m3".to_owned(), input: vec!["a", "b"], ..Default::default() };
        match self.client.chat().create(request).await {
            Ok(answer) => Ok(answer.text),
            Err(error) => {
                warn!("failed with {}", "a word");
                self.again(Self::FALLBACK).await
            }
        }
    }

    fn pick(kind: &str) -> String {
        let prices = HashMap::from([("glm-4", "0.1")]);
        match kind {
            "draw" | "paint" => "cogview-3".to_string(),
            other => format!("{other}-latest"),
        }
    }
}

lazy_static! {
    static ref SPEECH: String = "cosyvoice".to_string();
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn answers() {
        assert_eq!(ask("test-model").await, "x");
        super::Assistant::new(Settings { model: "test-model".into(), vision: String::new() });
    }
}
