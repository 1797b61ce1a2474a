import dspy
from triage.program import Triage, configure

configure()
teacher = dspy.LM("openai/gpt-4o", temperature=1.0)
optimizer = dspy.MIPROv2(metric=lambda e, p, t=None: e.desk == p.desk, prompt_model=teacher)
compiled = optimizer.compile(dspy.ChainOfThought(Triage), trainset=[])
compiled.save("triage/compiled.json")
