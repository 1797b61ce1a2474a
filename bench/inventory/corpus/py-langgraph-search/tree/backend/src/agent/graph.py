import os

from langchain_core.runnables import RunnableConfig
from langchain_google_genai import ChatGoogleGenerativeAI
from langgraph.graph import END, START, MessagesState, StateGraph

from agent.configuration import Configuration


def generate_query(state: MessagesState, config: RunnableConfig):
    configurable = Configuration.from_runnable_config(config)
    llm = ChatGoogleGenerativeAI(
        model=configurable.query_generator_model, temperature=1.0, api_key=os.getenv("GEMINI_API_KEY")
    )
    return {"messages": [llm.invoke(state["messages"])]}


def reflection(state: MessagesState, config: RunnableConfig):
    configurable = Configuration.from_runnable_config(config)
    llm = ChatGoogleGenerativeAI(model=configurable.reflection_model, api_key=os.getenv("GEMINI_API_KEY"))
    return {"messages": [llm.invoke(state["messages"])]}


def finalize(state: MessagesState, config: RunnableConfig):
    configurable = Configuration.from_runnable_config(config)
    llm = ChatGoogleGenerativeAI(model=configurable.answer_model, temperature=0, api_key=os.getenv("GEMINI_API_KEY"))
    return {"messages": [llm.invoke(state["messages"])]}


builder = StateGraph(MessagesState)
builder.add_node("generate_query", generate_query)
builder.add_node("reflection", reflection)
builder.add_node("finalize", finalize)
builder.add_edge(START, "generate_query")
builder.add_edge("generate_query", "reflection")
builder.add_edge("reflection", "finalize")
builder.add_edge("finalize", END)
graph = builder.compile(name="search-agent")
