using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Publishing;

/// <summary>Publishes a small model in this process.</summary>
internal static class Publisher
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    public static async Task RunAsync(string step, string output, string projectFolder, Action<IDistributedApplicationBuilder> declare, CancellationToken cancellationToken = default)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            Args = ["--operation", "publish", "--step", step, "--output-path", output],
            DisableDashboard = true,
            ProjectDirectory = projectFolder,
        });
        declare(builder);
        await builder.Build().RunAsync(cancellationToken).WaitAsync(Deadline, CancellationToken.None);
    }

    public static async Task<string> FailureAsync(string step, string output, string projectFolder, Action<IDistributedApplicationBuilder> declare) =>
        (await Assert.ThrowsAnyAsync<DistributedApplicationException>(() => RunAsync(step, output, projectFolder, declare))).Message;

    /// <summary>A project with nothing but a file.</summary>
    public static IResourceBuilder<ProjectResource> AddSmallProject(this IDistributedApplicationBuilder builder, string name)
    {
        var file = Path.Join(builder.AppHostDirectory, name, $"{name}.csproj");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "<Project />");
        return builder.AddProject(name, file).WithHttpEndpoint();
    }
}
