from crewai import LLM, Agent, Crew, Process, Task
from crewai.project import CrewBase, agent, crew, task


@CrewBase
class Newsroom:
    agents_config = "config/agents.yaml"
    tasks_config = "config/tasks.yaml"

    @agent
    def researcher(self) -> Agent:
        return Agent(config=self.agents_config["researcher"])

    @agent
    def editor(self) -> Agent:
        return Agent(config=self.agents_config["editor"])

    @agent
    def checker(self) -> Agent:
        return Agent(role="Checker", goal="Check facts", backstory="Careful")

    @task
    def research(self) -> Task:
        return Task(config=self.tasks_config["research"])

    @task
    def edit(self) -> Task:
        return Task(config=self.tasks_config["edit"])

    @crew
    def crew(self) -> Crew:
        return Crew(
            agents=self.agents,
            tasks=self.tasks,
            process=Process.hierarchical,
            manager_llm=LLM(model="gemini/gemini-2.0-flash", temperature=0.2),
        )
