from langgraph.prebuilt import create_react_agent

from agent.models import get_embeddings, get_llm
from agent.tools import search

graph = create_react_agent(get_llm(), tools=[search])
store_embeddings = get_embeddings()
