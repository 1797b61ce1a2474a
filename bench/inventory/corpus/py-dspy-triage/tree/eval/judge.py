"""Scores the answers of last week with a stronger model."""
import json
import sys

import dspy

judge = dspy.LM(model="anthropic/claude-sonnet-4-20250514", cache=False)
for line in sys.stdin:
    row = json.loads(line)
    print(judge(f"Is {row['desk']} right for: {row['letter']}")[0])
