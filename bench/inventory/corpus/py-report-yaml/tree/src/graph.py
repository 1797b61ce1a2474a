from langgraph.graph import END, START, MessagesState, StateGraph

from src.llms.llm import get_llm


def planner(state: MessagesState):
    return {"messages": [get_llm("planner").invoke(state["messages"])]}


def reporter(state: MessagesState):
    return {"messages": [get_llm("reporter").invoke(state["messages"])]}


builder = StateGraph(MessagesState)
builder.add_node("planner", planner)
builder.add_node("reporter", reporter)
builder.add_edge(START, "planner")
builder.add_edge("planner", "reporter")
builder.add_edge("reporter", END)
graph = builder.compile()
