using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing;
using Aspire.Hosting.Publishing.Progress;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FlaskStack.Tests.Publishing;

public sealed class PipelineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Runs_steps_between_the_events_and_starts_nothing()
    {
        var seen = new List<string>();

        await PublishAsync("mine", builder =>
        {
            builder.AddExecutable("never", "false", ".");
            builder.Eventing.Subscribe<BeforePublishEvent>((_, _) => Note("before"));
            builder.Eventing.Subscribe<AfterPublishEvent>((_, _) => Note("after"));
            builder.Eventing.Subscribe<BeforeResourceStartedEvent>((_, _) => Note("started"));
            builder.Pipeline.AddStep("mine", _ => Note("mine"), dependsOn: "first");
            builder.Pipeline.AddStep("first", _ => Note("first"));
            builder.Pipeline.AddStep("settle", _ => Note("settle"), requiredBy: WellKnownPipelineSteps.BeforeStart);
        });

        Assert.Equal(["before", "settle", "first", "mine", "after"], seen);

        Task Note(string what)
        {
            seen.Add(what);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Runs_the_steps_of_resources_as_configurations_leave_them()
    {
        var seen = new List<string>();

        await PublishAsync("late", builder => builder.AddParameter("p", "v")
            .WithPipelineStepFactory("late", context => Note(context.Model.Resources.Single().Name))
            .WithPipelineStepFactory("early", _ => Note("early"), tags: ["mark"])
            .WithPipelineConfiguration(context => context.Steps.Single(step => step.Name == "late").DependsOn(context.GetSteps("mark").Single())));

        Assert.Equal(["early", "p"], seen);

        Task Note(string what)
        {
            seen.Add(what);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Puts_the_output_into_its_place_when_every_step_has_written()
    {
        await PublishAsync("two", builder =>
        {
            builder.Pipeline.AddStep("one", context => WriteAsync(context, "1"));
            builder.Pipeline.AddStep("two", context => WriteAsync(context, "2"), dependsOn: "one");
        });

        Assert.Equal(["1", "2"], TemporaryFolder.FilesIn(_folder["out"]).Keys);
        Assert.Equal([_folder["out"]], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Leaves_nothing_behind_when_a_step_fails()
    {
        var error = await FailureAsync("two", builder =>
        {
            builder.Pipeline.AddStep("one", context => WriteAsync(context, "1"));
            builder.Pipeline.AddStep("two", _ => throw new InvalidOperationException("No more room."), dependsOn: "one");
        });

        Assert.Equal("The step 'two' failed: No more room.", error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Leaves_nothing_behind_when_it_is_cancelled()
    {
        using var cancellation = new CancellationTokenSource();

        var error = await Assert.ThrowsAnyAsync<DistributedApplicationException>(() => Publisher.RunAsync(
            "endless",
            _folder["out"],
            _folder.Path,
            builder => builder.Pipeline.AddStep("endless", async context =>
            {
                await WriteAsync(context, "1");
                await cancellation.CancelAsync();
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            }),
            cancellation.Token));

        Assert.Equal("Publishing was cancelled.", error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task What_deploys_works_with_the_published_files_where_they_stay()
    {
        var seen = string.Empty;

        await PublishAsync("up", builder =>
        {
            builder.Pipeline.AddStep("write", context => WriteAsync(context, "1"), requiredBy: WellKnownPipelineSteps.Publish);
            builder.Pipeline.AddStep("up", context => Task.FromResult(seen = OutputOf(context)), dependsOn: WellKnownPipelineSteps.Publish);
        });

        Assert.Equal(_folder["out"], seen);
    }

    [Fact]
    public async Task Leaves_the_folders_above_as_they_were_and_what_others_put_there()
    {
        var error = await Publisher.FailureAsync("one", _folder["a/b/out"], _folder.Path, builder => builder.Pipeline.AddStep("one", context =>
        {
            OutputOf(context);
            File.WriteAllText(_folder["a/theirs"], "precious");
            throw new InvalidOperationException("No more room.");
        }));

        Assert.EndsWith("No more room.", error, StringComparison.Ordinal);
        Assert.Equal([_folder["a/theirs"]], Directory.EnumerateFileSystemEntries(_folder["a"], "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Tells_the_lines_that_are_grave_enough()
    {
        var told = await LinesAsync("warning");
        var all = await LinesAsync("debug");

        Assert.Equal(["grave"], told);
        Assert.Equal(["small", "grave"], all);
    }

    [Fact]
    public async Task Refuses_a_folder_that_is_not_empty()
    {
        Directory.CreateDirectory(_folder["out"]);
        File.WriteAllText(_folder["out/mine"], "precious");

        var error = await FailureAsync("one", builder => builder.Pipeline.AddStep("one", context => WriteAsync(context, "1")));

        Assert.Contains("is not empty", error, StringComparison.Ordinal);
        Assert.Equal(["mine"], TemporaryFolder.FilesIn(_folder["out"]).Keys);
    }

    [Fact]
    public async Task Takes_an_empty_folder()
    {
        Directory.CreateDirectory(_folder["out"]);

        await PublishAsync("one", builder => builder.Pipeline.AddStep("one", context => WriteAsync(context, "1")));

        Assert.Equal(["1"], TemporaryFolder.FilesIn(_folder["out"]).Keys);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("file/below")]
    public async Task Refuses_a_place_that_cannot_be_a_folder(string place)
    {
        File.WriteAllText(_folder["file"], "precious");

        var error = await Publisher.FailureAsync("one", _folder[place], _folder.Path, builder => builder.Pipeline.AddStep("one", context => WriteAsync(context, "1")));

        Assert.Contains(_folder[place], error, StringComparison.Ordinal);
        Assert.Equal(["file"], TemporaryFolder.FilesIn(_folder.Path).Keys);
    }

    [Theory]
    [InlineData("nonsense", "There is no step 'nonsense'.")]
    [InlineData("publish", "The step 'publish' has nothing to do")]
    [InlineData("deploy", "The step 'deploy' has nothing to do")]
    public async Task Says_what_can_be_asked_for_instead(string step, string expected)
    {
        var error = await FailureAsync(step, _ => { });

        Assert.StartsWith(expected, error, StringComparison.Ordinal);
        Assert.Contains("publish-manifest", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wants_every_resource_in_one_of_several_environments()
    {
        var error = await FailureAsync("publish", builder =>
        {
            builder.AddDockerComposeEnvironment("one");
            builder.AddDockerComposeEnvironment("two");
            builder.AddContainer("cache", "redis");
        });

        Assert.Equal("There are several compute environments ('one', 'two'), and nothing says which one is for 'cache': call WithComputeEnvironment.", error);
    }

    [Fact]
    public async Task Lists_the_steps_of_a_run_without_running_them()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = ["--operation", "publish"], DisableDashboard = true, ProjectDirectory = _folder.Path });
        builder.Pipeline.AddStep("mine", _ => throw new InvalidOperationException("It ran."), requiredBy: WellKnownPipelineSteps.Publish);
        await using var app = builder.Build();

        var steps = await app.Services.GetRequiredService<PipelineExecutor>().ListAsync("publish", CancellationToken.None);

        Assert.Equal(["publish-prereq: ", "mine: ", "publish: publish-prereq, mine"], steps.Select(step => $"{step.Step.Name}: {string.Join(", ", step.DependsOn)}"));
    }

    [Theory]
    [InlineData(new[] { "--publisher", "manifest" }, "publish-manifest")]
    [InlineData(new[] { "--publisher", "manifest", "--step", "mine" }, "mine")]
    [InlineData(new[] { "--operation", "publish" }, null)]
    public void Reads_the_step_under_the_names_of_the_tools(string[] args, string? step)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true });

        Assert.True(builder.ExecutionContext.IsPublishMode);
        Assert.Equal(step, builder.Configuration["Pipeline:Step"]);
    }

    [Fact]
    public void Knows_one_publisher() => Assert.Contains(
        "There is no publisher 'docker'",
        Assert.Throws<DistributedApplicationException>(() => DistributedApplication.CreateBuilder(["--publisher", "docker"])).Message,
        StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private static async Task<string[]> LinesAsync(string level)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = ["--operation", "publish", "--log-level", level], DisableDashboard = true });
        await using var app = builder.Build();
        var progress = app.Services.GetRequiredService<PublishProgress>();
        var context = new PipelineContext(app.Services.GetRequiredService<DistributedApplicationModel>(), builder.ExecutionContext, app.Services, NullLogger.Instance, CancellationToken.None);
        await app.Services.GetRequiredService<PipelineRunner>().RunAsync([new PipelineStep { Name = "talk", Action = Talk }], context);
        progress.Release();
        await progress.CompleteAsync(PublishState.Completed, "Done.", [], CancellationToken.None);
        return [.. (await progress.ReadAllAsync(CancellationToken.None).ToArrayAsync()).OfType<PublishLog>().Select(line => line.Text)];

        static Task Talk(PipelineStepContext context)
        {
            context.ReportingStep.Log(LogLevel.Debug, "small");
            context.ReportingStep.Log(LogLevel.Error, "grave");
            return Task.CompletedTask;
        }
    }

    private static string OutputOf(PipelineStepContext context) => context.Services.GetRequiredService<IPipelineOutputService>().GetOutputDirectory();

    private static Task WriteAsync(PipelineStepContext context, string name) =>
        File.WriteAllTextAsync(Path.Join(OutputOf(context), name), name, context.CancellationToken);

    private Task PublishAsync(string step, Action<IDistributedApplicationBuilder> declare) => Publisher.RunAsync(step, _folder["out"], _folder.Path, declare);

    private Task<string> FailureAsync(string step, Action<IDistributedApplicationBuilder> declare) => Publisher.FailureAsync(step, _folder["out"], _folder.Path, declare);
}
