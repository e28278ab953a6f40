using Aspire.Hosting.ApplicationModel;

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
    private const string FolderPrefix = "aspire-replicas-";

    /// <summary>Others reach a socket in it by its name, and cannot list it (0711): a proxy's workers may run as another user.</summary>
    private const UnixFileMode ReachedByName =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly Lazy<string> _folder = new(CreateFolder);

    /// <summary>Lets a replica listen on a socket beside its port, by its environment alone.</summary>
    public void Add(IResourceBuilder<ProjectResource> replica)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

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

    public void Dispose()
    {
        if (_folder.IsValueCreated && Directory.Exists(_folder.Value))
        {
            Directory.Delete(_folder.Value, recursive: true);
        }
    }

    private string PathOf(string replica)
    {
        if (!OperatingSystem.IsWindows())
        {
            // Made anew where a cleaner of temporary files took it.
            Directory.CreateDirectory(_folder.Value, ReachedByName);
        }

        return Path.Join(_folder.Value, $"{replica}.sock");
    }

    private static string CreateFolder()
    {
        var folder = Directory.CreateTempSubdirectory(FolderPrefix);
        if (!OperatingSystem.IsWindows())
        {
            folder.UnixFileMode = ReachedByName;
        }

        return folder.FullName;
    }
}
