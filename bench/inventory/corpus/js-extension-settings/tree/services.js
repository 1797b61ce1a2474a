// What the options page offers
export const SERVICES = [
  { id: "zhipu", name: "智谱", url: "https://open.bigmodel.cn/api/paas/v4/chat/completions", models: ["glm-4.5-flash", "glm-4.5-air"] },
  { id: "moonshot", name: "Kimi", url: "https://api.moonshot.cn/v1/chat/completions", models: ["moonshot-v1-8k", "kimi-latest"] },
];
