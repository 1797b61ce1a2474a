import { loadSettings } from "./settings.js";

async function translate(text) {
  const settings = await loadSettings();
  const response = await fetch(settings.apiUrl, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${settings.apiKey}` },
    body: JSON.stringify({
      model: settings.model,
      temperature: settings.temperature,
      messages: [
        { role: "system", content: `Translate into ${settings.targetLanguage}. Output the translation only.` },
        { role: "user", content: text },
      ],
    }),
  });
  const data = await response.json();
  return data.choices[0].message.content;
}

chrome.runtime.onMessage.addListener((message, sender, reply) => {
  translate(message.text).then(reply);
  return true;
});
