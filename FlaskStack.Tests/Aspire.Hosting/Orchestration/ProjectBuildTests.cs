using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Hosting.Orchestration;

/// <summary>Projects that are named by path only, so that nothing built them before.</summary>
public sealed class ProjectBuildTests : IDisposable
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk.Web">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
          </PropertyGroup>
        </Project>
        """;

    private const string Program = """
        var app = WebApplication.CreateSlimBuilder(args).Build();
        app.MapGet("/", () => "built");
        app.Run();
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("flaskstack-build-");

    [Fact]
    public async Task Builds_a_project_and_runs_it_directly()
    {
        var path = Write(Program);

        await using var app = await RunningApplication.StartAsync(builder => builder.AddProject("web", path).WithHttpEndpoint().WithHttpHealthCheck("/"));
        await app.Rows.WaitForResourceHealthyAsync("web").WaitAsync(RunningApplication.Deadline);

        using var client = new HttpClient();
        var url = (await app.WaitForAsync("web", KnownResourceStates.Running)).Urls.Single().Url;
        Assert.Equal("built", await client.GetStringAsync(new Uri(url)));
    }

    [Fact]
    public async Task Shows_the_errors_of_a_project_that_does_not_build()
    {
        var path = Write("this is no program");

        await using var app = await RunningApplication.StartAsync(builder => builder.AddProject("web", path).WithHttpEndpoint());

        await app.WaitForAsync("web", KnownResourceStates.FailedToStart);
        await app.WaitForLineAsync("web", "error CS");
        await app.WaitForLineAsync("web", "does not build");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string program)
    {
        var path = Path.Combine(_folder.FullName, "Web.csproj");
        File.WriteAllText(path, Project);
        File.WriteAllText(Path.Combine(_folder.FullName, "Program.cs"), program);
        return path;
    }
}
