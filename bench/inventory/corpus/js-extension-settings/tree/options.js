import { DEFAULT_SETTINGS, loadSettings } from "./settings.js";
import { SERVICES } from "./services.js";

const serviceSelect = document.querySelector("#service");
const modelSelect = document.querySelector("#model");

function showModels(service) {
  modelSelect.replaceChildren(...service.models.map((name) => new Option(name, name)));
}

serviceSelect.replaceChildren(...SERVICES.map((s) => new Option(s.name, s.id)));
serviceSelect.addEventListener("change", () => {
  const service = SERVICES.find((s) => s.id === serviceSelect.value);
  showModels(service);
  chrome.storage.sync.set({ service: service.id, apiUrl: service.url });
});
modelSelect.addEventListener("change", () => chrome.storage.sync.set({ model: modelSelect.value }));

loadSettings().then((settings) => {
  serviceSelect.value = settings.service ?? DEFAULT_SETTINGS.service;
});
