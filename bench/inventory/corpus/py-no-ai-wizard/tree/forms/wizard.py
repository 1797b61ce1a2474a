from django.http import HttpRequest
from django.shortcuts import render

STEPS = ["step-1", "step-2", "step-1v-review"]
TITLES = {"step-1": "您的信息", "step-2": "车辆信息"}


def wizard(request: HttpRequest):
    step = request.GET.get("step", "step-1")
    completion = STEPS.index(step) / len(STEPS)
    return render(request, "wizard.html", {"step": step, "completion": completion, "title": TITLES.get(step)})
