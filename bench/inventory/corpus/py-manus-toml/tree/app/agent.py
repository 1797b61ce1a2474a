from app.llm import LLM


class Clerk:
    """Plans, looks at pages and acts."""

    def __init__(self):
        self.llm = LLM()
        self.eyes = LLM("vision")
        self.planner = LLM("planner")

    async def run(self, task: str) -> str:
        plan = await self.planner.ask([{"role": "user", "content": f"列出步骤：{task}"}])
        return await self.llm.ask([{"role": "user", "content": f"按计划执行：{plan}"}])

    async def look(self, image: str) -> str:
        content = [{"type": "image_url", "image_url": {"url": image}}, {"type": "text", "text": "页面上有什么？"}]
        return await self.eyes.ask([{"role": "user", "content": content}])
