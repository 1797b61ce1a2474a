use async_openai::{
    config::OpenAIConfig,
    types::{ChatCompletionRequestUserMessageArgs, CreateChatCompletionRequestArgs, CreateEmbeddingRequestArgs},
    Client,
};
use clap::Parser;

const API_BASE: &str = "https://api.x.ai/v1";

#[derive(Parser)]
struct Cli {
    question: String,
    /// Chat model
    #[arg(long, env = "OTTER_MODEL", default_value = "grok-3-mini")]
    model: String,
}

fn embedding_model() -> String {
    std::env::var("OTTER_EMBEDDING").unwrap_or_else(|_| "text-embedding-ada-002".to_string())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cli = Cli::parse();
    let client = Client::with_config(OpenAIConfig::new().with_api_base(API_BASE));
    let request = CreateChatCompletionRequestArgs::default()
        .model(&cli.model)
        .messages([ChatCompletionRequestUserMessageArgs::default().content(cli.question.as_str()).build()?.into()])
        .build()?;
    let reply = client.chat().create(request).await?;
    println!("{}", reply.choices[0].message.content.clone().unwrap_or_default());

    let openai = Client::new();
    let request = CreateEmbeddingRequestArgs::default()
        .model(embedding_model())
        .input(cli.question)
        .build()?;
    openai.embeddings().create(request).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_name_is_kept() {
        let model = "dummy-llm";
        assert_eq!(model, "dummy-llm");
    }
}
