using System.Reflection;

namespace TestSupport;

/// <summary>Applications on Aspire's own host that a test declares.</summary>
public static class TestApplication
{
    private static readonly Assembly AppHost = typeof(TestApplication).Assembly;

    /// <summary>An application without a dashboard, on ports of its own.</summary>
    public static IDistributedApplicationBuilder CreateBuilder()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            AssemblyName = AppHost.GetName().Name,
            DisableDashboard = true,
        });
        builder.Configuration["DcpPublisher:RandomizePorts"] = "true";
        return builder;
    }

    /// <summary>Adds the sample program the way an AppHost adds any project; it is run as it was built.</summary>
    public static IResourceBuilder<ProjectResource> AddSample(this IDistributedApplicationBuilder builder, string name)
    {
        var executable = ExecutableOf(new Projects.SampleApi());
        return builder.AddProject<Projects.SampleApi>(name, launchProfileName: null)
            .WithAnnotation(new ExecutableAnnotation { Command = executable, WorkingDirectory = Path.GetDirectoryName(executable)! });
    }

    /// <summary>Where the build put a project.</summary>
    internal static string ExecutableOf(IProjectMetadata project)
    {
        var configuration = AppHost.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        return Path.Join(
            Path.GetDirectoryName(project.ProjectPath),
            "bin",
            configuration,
            "net10.0",
            Path.GetFileNameWithoutExtension(project.ProjectPath));
    }
}
