import streamlit as st
from openai import OpenAI

from pricing import price

MODELS = [
    "deepseek-ai/DeepSeek-V3",
    "Qwen/Qwen2.5-72B-Instruct",
    "THUDM/glm-4-9b-chat",
]

st.set_page_config(page_title="云杉文案", page_icon="🌲")
with st.sidebar:
    model = st.selectbox("模型", MODELS, index=1)
    temperature = st.slider("温度", 0.0, 1.5, 0.7)

client = OpenAI(api_key=st.secrets["SILICONFLOW_KEY"], base_url="https://api.siliconflow.cn/v1")

if prompt := st.chat_input("写点什么"):
    stream = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": prompt}],
        temperature=temperature,
        stream=True,
    )
    st.write_stream(stream)
    st.caption(f"约 {price(model, len(prompt)):.4f} 元")

if st.button("配图"):
    picture = client.images.generate(model="Kwai-Kolors/Kolors", prompt=prompt or "云杉", size="1024x1024")
    st.image(picture.data[0].url)
