import pytest

MODELS = ["mock-gpt", "gpt-4o-mini"]


@pytest.fixture(params=MODELS)
def model_name(request):
    return request.param
