import subprocess

import anthropic

commits = subprocess.check_output(["git", "log", "--oneline", "-20"], text=True)
message = anthropic.Anthropic().messages.create(
    model="claude-3-5-haiku-20241022",
    max_tokens=500,
    messages=[{"role": "user", "content": f"Write a changelog:\n{commits}"}],
)
print(message.content[0].text)
