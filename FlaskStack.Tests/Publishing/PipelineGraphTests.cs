using Aspire.Hosting;
using Aspire.Hosting.Pipelines;

namespace FlaskStack.Tests.Publishing;

public class PipelineGraphTests
{
    [Fact]
    public void Runs_a_step_after_all_that_it_needs_and_nothing_else()
    {
        var graph = new PipelineGraph([Step("last", dependsOn: ["middle"]), Step("unrelated"), Step("middle"), Step("first", requiredBy: ["middle"])]);

        Assert.Equal(["first", "middle", "last"], graph.OrderFor("last").Select(step => step.Name));
    }

    [Fact]
    public void Keeps_the_order_in_which_steps_were_added_where_nothing_else_decides()
    {
        var graph = new PipelineGraph([Step("b"), Step("a"), Step("all", dependsOn: ["b", "a"])]);

        Assert.Equal(["b", "a", "all"], graph.OrderFor(null).Select(step => step.Name));
    }

    [Fact]
    public void Names_the_steps_that_wait_for_each_other()
    {
        var error = Assert.Throws<DistributedApplicationException>(() => new PipelineGraph([Step("a", dependsOn: ["b"]), Step("b", dependsOn: ["c"]), Step("c", dependsOn: ["b"])]));

        Assert.Contains("b → c → b", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_the_steps_there_are_when_another_is_asked_for()
    {
        var graph = new PipelineGraph([Step("publish"), Step("build")]);

        Assert.Equal("There is no step 'pubish'. The steps are: build, publish.", Assert.Throws<DistributedApplicationException>(() => graph.OrderFor("pubish")).Message);
    }

    [Theory]
    [InlineData("missing", null)]
    [InlineData(null, "missing")]
    public void Refuses_a_step_that_names_one_that_does_not_exist(string? dependsOn, string? requiredBy)
    {
        var step = Step("a", dependsOn is null ? [] : [dependsOn], requiredBy is null ? [] : [requiredBy]);

        var error = Assert.Throws<DistributedApplicationException>(() => new PipelineGraph([step]));

        Assert.Equal("The step 'a' names a step 'missing' that does not exist.", error.Message);
    }

    [Fact]
    public void Refuses_two_steps_of_one_name() =>
        Assert.Contains("'a'", Assert.Throws<DistributedApplicationException>(() => new PipelineGraph([Step("a"), Step("a")])).Message, StringComparison.Ordinal);

    private static PipelineStep Step(string name, string[]? dependsOn = null, string[]? requiredBy = null) => new()
    {
        Name = name,
        Action = _ => Task.CompletedTask,
        DependsOnSteps = [.. dependsOn ?? []],
        RequiredBySteps = [.. requiredBy ?? []],
    };
}
