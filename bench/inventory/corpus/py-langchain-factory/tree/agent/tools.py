from langchain_core.tools import tool


@tool
def search(query: str) -> str:
    """Look something up in the warehouse."""
    return f"nothing known about {query}"
