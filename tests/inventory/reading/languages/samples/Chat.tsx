import { useState } from "react";
import { ChatProvider } from "./provider";

const MODELS = ["qwen-plus", "qwen-max"];

export default function Chat({ model = "qwen-plus", children }: Props) {
  const [current, setCurrent] = useState<string>(model);
  const [other, setOther] = useState("deepseek-chat");
  return (
    <ChatProvider model="glm-4" url={import.meta.env.VITE_API_URL} options={MODELS} {...rest}>
      <p>Ask "anything"</p>
      <select onChange={(e) => setOther(e.target.value)}>
        <option value="gpt-4o">GPT-4o</option>
        {MODELS.map((name) => <option key={name} value={name} />)}
      </select>
    </ChatProvider>
  );
}
