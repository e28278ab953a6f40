using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Supervisor.Replicas;

/// <summary>
/// The folder of the replicas' Unix sockets. A request over a socket costs less than one over a port, and an attempt to connect where nobody
/// listens costs microseconds.
/// </summary>
internal sealed class ReplicaSockets : IDisposable
{
    private const string UrlsVariable = "ASPNETCORE_URLS";
    private const string UnprefixedUrlsVariable = "URLS";
    private const string KestrelPrefix = "Kestrel__Endpoints__";
    private const string KestrelVariable = "Kestrel__Endpoints__UnixSocket__Url";
    private const string FolderPrefix = "replicas-";

    private readonly Lock _lock = new();
    private PrivateFolder? _folder;

    /// <summary>Lets a replica listen on a socket beside its port, by its environment alone.</summary>
    public void Add(IResourceBuilder<ProjectResource> replica)
    {
        if (!OperatingSystem.IsWindows())
        {
            AddSocket(replica);
        }
    }

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
        {
            _folder?.Dispose();
        }
    }

    [UnsupportedOSPlatform("windows")]
    private void AddSocket(IResourceBuilder<ProjectResource> replica)
    {
        var name = replica.Resource.Name;
        replica.WithEnvironment(context =>
        {
            var url = $"http://unix:{PathOf(name)}";
            var variables = context.EnvironmentVariables;
            if (variables.Keys.Any(key => key.StartsWith(KestrelPrefix, StringComparison.OrdinalIgnoreCase)))
            {
                // Endpoints of Kestrel's own configuration win over the URLs.
                variables[KestrelVariable] = url;
            }
            else if (variables.TryGetValue(UrlsVariable, out var urls))
            {
                object both = urls is ReferenceExpression expression ? ReferenceExpression.Create($"{expression};{url}") : $"{urls};{url}";
                variables[UrlsVariable] = both;
                // Inherited from whoever starts the AppHost, this one would win.
                variables[UnprefixedUrlsVariable] = both;
            }
        });
        // What a killed replica leaves behind would keep its successor from listening.
        replica.OnBeforeResourceStarted((_, _, _) =>
        {
            File.Delete(PathOf(name));
            return Task.CompletedTask;
        });
    }

    [UnsupportedOSPlatform("windows")]
    private string PathOf(string replica)
    {
        lock (_lock)
        {
            // The workers of a proxy may run as another user where the AppHost is root.
            _folder ??= PrivateFolder.Create(FolderPrefix, othersEnter: Environment.IsPrivilegedProcess);
            _folder.Ensure();
            return Path.Join(_folder.Path, $"{replica}.sock");
        }
    }
}
