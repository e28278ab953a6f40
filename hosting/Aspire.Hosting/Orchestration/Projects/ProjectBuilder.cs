using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Instances;
using Aspire.Hosting.Orchestration.Processes;

namespace Aspire.Hosting.Orchestration.Projects;

/// <summary>Builds a project that the AppHost's own build did not include, once a run, and tells where its assembly is.</summary>
internal sealed class ProjectBuilder(ProcessLauncher processes)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _builds = new(StringComparer.Ordinal);

    /// <returns>Full path of the built assembly.</returns>
    /// <exception cref="DistributedApplicationException">The project does not exist or does not build.</exception>
    public async Task<string> BuildAsync(string projectPath, string configuration, ResourceInstance instance, CancellationToken cancellationToken)
    {
        if (!File.Exists(projectPath))
        {
            throw new DistributedApplicationException($"Project '{projectPath}' does not exist; correct the path given to AddProject.");
        }

        await instance.ShowAsync(KnownResourceStates.Building).ConfigureAwait(false);
        var build = _builds.GetOrAdd(projectPath, path => new Lazy<Task<string>>(() => RunAsync(path, configuration, instance)));
        try
        {
            return await build.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A failed build is tried again at the next start: by then the source, or the machine, may be mended.
            _builds.TryRemove(KeyValuePair.Create(projectPath, build));
            throw;
        }
    }

    private async Task<string> RunAsync(string projectPath, string configuration, ResourceInstance instance)
    {
        var output = new BuildOutput(instance.Console);
        var build = processes.Start(
            new ProcessSpec
            {
                DisplayName = $"build of {Path.GetFileName(projectPath)}",
                FileName = "dotnet",
                Arguments = ["build", projectPath, "-c", configuration, "-nologo", "-v:quiet", "-t:Build", "-getProperty:TargetPath"],
                WorkingDirectory = Path.GetDirectoryName(projectPath)!,
            },
            output);

        var exit = await build.Exit.ConfigureAwait(false);
        await build.OutputEnd.ConfigureAwait(false);
        return exit.Code == 0 && output.LastLine is { Length: > 0 } assembly && File.Exists(assembly)
            ? assembly
            : throw new DistributedApplicationException($"Project '{projectPath}' does not build (dotnet build exited with code {exit.Code}); its console has the errors.");
    }

    /// <summary>Shows the build in the instance's console and keeps the last line, which is the property asked for.</summary>
    private sealed class BuildOutput(InstanceConsole console) : IConsoleSink
    {
        public string? LastLine { get; private set; }

        public void Write(DateTime utc, string line, bool isError)
        {
            console.Write(utc, line, isError);
            if (!isError && line.Length > 0)
            {
                LastLine = line.Trim();
            }
        }
    }
}
