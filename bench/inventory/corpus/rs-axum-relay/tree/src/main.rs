use axum::{extract::State, routing::post, Json, Router};
use serde::Deserialize;
use serde_json::{json, Value};

#[derive(Clone, Deserialize)]
struct Settings {
    upstream: String,
    #[serde(default = "default_model")]
    default_model: String,
}

fn default_model() -> String {
    "stepfun-ai/step3".into()
}

fn upstream_model(name: &str, settings: &Settings) -> String {
    match name {
        "writer" => "moonshotai/Kimi-K2-Instruct".to_string(),
        "coder" => "Qwen/Qwen3-Coder-480B-A35B-Instruct".to_string(),
        _ => settings.default_model.clone(),
    }
}

async fn complete(State(settings): State<Settings>, Json(body): Json<Value>) -> Json<Value> {
    let model = upstream_model(body["model"].as_str().unwrap_or(""), &settings);
    let request = json!({ "model": model, "messages": body["messages"] });
    let reply = reqwest::Client::new()
        .post(format!("{}/chat/completions", settings.upstream))
        .json(&request)
        .send()
        .await
        .expect("upstream");
    Json(reply.json().await.expect("json"))
}

async fn draw(Json(body): Json<Value>) -> Json<Value> {
    let request = json!({ "model": "MAILAND/majicflus_v1", "prompt": body["prompt"] });
    let reply = reqwest::Client::new()
        .post("https://api-inference.modelscope.cn/v1/images/generations")
        .json(&request)
        .send()
        .await
        .expect("upstream");
    Json(reply.json().await.expect("json"))
}

#[tokio::main]
async fn main() {
    let settings: Settings = toml::from_str(&std::fs::read_to_string("relay.toml").expect("relay.toml")).expect("toml");
    let app = Router::new().route("/v1/chat/completions", post(complete)).route("/draw", post(draw)).with_state(settings);
    axum::serve(tokio::net::TcpListener::bind("0.0.0.0:8080").await.expect("port"), app).await.expect("serve");
}
