export const DEFAULT_SETTINGS = {
  service: "zhipu",
  targetLanguage: "zh-CN",
  model: "glm-4.5-flash",
  apiUrl: "https://open.bigmodel.cn/api/paas/v4/chat/completions",
  apiKey: "",
  temperature: 0.3,
};

export async function loadSettings() {
  const stored = await chrome.storage.sync.get(Object.keys(DEFAULT_SETTINGS));
  return { ...DEFAULT_SETTINGS, ...stored };
}
