from langchain_openai import ChatOpenAI, OpenAIEmbeddings

from analyst.default_config import DEFAULT_CONFIG


class AnalystGraph:
    def __init__(self, config=None):
        self.config = config or DEFAULT_CONFIG
        self.deep = ChatOpenAI(model=self.config["deep_think_llm"], base_url=self.config["backend_url"])
        self.quick = ChatOpenAI(model=self.config["quick_think_llm"], base_url=self.config["backend_url"])
        self.memory = OpenAIEmbeddings(
            model=self.config["embedding_model"],
            base_url=self.config["backend_url"],
            check_embedding_ctx_length=False,
        )

    def propagate(self, company: str, date: str) -> str:
        news = self.quick.invoke(f"概括 {company} 在 {date} 前一周的公告").content
        debate = news
        for _ in range(self.config["max_debate_rounds"]):
            debate = self.quick.invoke(f"从反方角度反驳：{debate}").content
        return self.deep.invoke(f"根据以下材料给出评级：\n{news}\n{debate}").content
