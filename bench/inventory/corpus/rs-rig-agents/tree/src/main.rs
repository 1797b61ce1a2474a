mod agents;

use std::sync::Arc;

use axum::{extract::State, routing::post, Router};
use clap::Parser;

use agents::Agents;

#[derive(Parser)]
struct Args {
    /// Address to listen on
    #[arg(long, env = "ALMANAC_LISTEN", default_value = "0.0.0.0:3000")]
    listen: String,
    /// Model that answers
    #[arg(long, env = "ALMANAC_MODEL", default_value = "deepseek-chat")]
    model: String,
}

async fn ask(State(agents): State<Arc<Agents>>, body: String) -> String {
    agents.ask(&body).await.unwrap_or_else(|e| e.to_string())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let agents = Arc::new(Agents::new(&args.model));
    let app = Router::new().route("/ask", post(ask)).with_state(agents);
    let listener = tokio::net::TcpListener::bind(&args.listen).await?;
    axum::serve(listener, app).await?;
    Ok(())
}
