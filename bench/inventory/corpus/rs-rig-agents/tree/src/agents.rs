use anyhow::Result;
use rig::agent::Agent;
use rig::completion::Prompt;
use rig::providers::{deepseek, openai};

const CHECKER: &str = "gpt-4.1-nano";

pub struct Agents {
    farmer: Agent<deepseek::CompletionModel>,
    checker: Agent<openai::CompletionModel>,
}

impl Agents {
    pub fn new(model: &str) -> Self {
        let deepseek = deepseek::Client::from_env();
        let openai = openai::Client::from_env();
        Self {
            farmer: deepseek.agent(model).preamble("你是农技员，按节气回答种植问题。").build(),
            checker: openai.agent(CHECKER).preamble("Answer yes or no: is this advice safe?").temperature(0.0).build(),
        }
    }

    pub async fn ask(&self, question: &str) -> Result<String> {
        let answer = self.farmer.prompt(question).await?;
        let verdict = self.checker.prompt(answer.as_str()).await?;
        if verdict.to_lowercase().starts_with("no") {
            return Ok("请向当地农技站咨询。".to_string());
        }
        Ok(answer)
    }
}
