using Gull;
using Xunit;

public class AssistantTests
{
    [Fact]
    public void OptionsAreKept()
    {
        Assert.Equal("model-under-test", new LlmOptions { Model = "model-under-test" }.Model);
    }
}
