using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Supervisor.Replicas;

/// <summary>
/// The folder of the replicas' Unix sockets. A request over a socket costs less than one over a port, and a failed attempt to connect
/// costs microseconds.
/// </summary>
/// <remarks>
/// A proxy connects to a link beside each socket. While another replica stands in, the link points to that replica's socket, and the proxy
/// needs no reload.
/// </remarks>
internal sealed class ReplicaSockets : IDisposable
{
    private const string UrlsVariable = "ASPNETCORE_URLS";
    private const string UnprefixedUrlsVariable = "URLS";
    private const string KestrelPrefix = "Kestrel__Endpoints__";
    private const string KestrelVariable = "Kestrel__Endpoints__UnixSocket__Url";
    private const string FolderPrefix = "replicas-";

    /// <summary>The environment variable with the link, for a proxy such as that of Aspire.Hosting.Nginx.</summary>
    private const string LinkVariable = "UPSTREAM_SOCKET";

    /// <summary>The longest wait for a proxy to open up a new socket; after it, requests go to another replica.</summary>
    private static readonly TimeSpan AdmissionLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AdmissionPause = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _standsInFor = [];
    private PrivateFolder? _folder;

    /// <summary>Makes a replica listen on a socket beside its port, through its environment.</summary>
    public void Add(IResourceBuilder<ProjectResource> replica)
    {
        if (!OperatingSystem.IsWindows())
        {
            AddSocket(replica);
        }
    }

    /// <summary>Gives a replica the link of another one from its next start: a proxy then sees no further replica.</summary>
    /// <param name="replica">The replica.</param>
    /// <param name="other">The other one, or itself to undo it.</param>
    public void StandIn(IResource replica, IResource other)
    {
        lock (_lock)
        {
            _standsInFor[replica.Name] = other.Name;
        }
    }

    /// <summary>Points the link of a replica to the socket of another, or back to its own, once the proxy can use that socket.</summary>
    /// <remarks>The workers of a proxy may run as another user; the proxy's package gives that user access to each new socket.</remarks>
    public async Task PointAsync(IResource replica, IResource other, TimeProvider time, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var start = time.GetTimestamp();
        while (IsLessOpen(other.Name, replica.Name) && time.GetElapsedTime(start) < AdmissionLimit)
        {
            await Task.Delay(AdmissionPause, time, cancellationToken).ConfigureAwait(false);
        }

        lock (_lock)
        {
            Link(replica.Name, other.Name);
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
            var socket = Prepare(name, out var link);
            if (!PrivateParent.FitsSocket(socket))
            {
                // The replica has its port.
                return;
            }

            var url = $"http://unix:{socket}";
            var variables = context.EnvironmentVariables;
            variables[LinkVariable] = link;
            if (variables.Keys.Any(key => key.StartsWith(KestrelPrefix, StringComparison.OrdinalIgnoreCase)))
            {
                // Endpoints of Kestrel's own configuration win over the URLs.
                variables[KestrelVariable] = url;
            }
            else if (variables.TryGetValue(UrlsVariable, out var urls))
            {
                object both = urls is ReferenceExpression expression ? ReferenceExpression.Create($"{expression};{url}") : $"{urls};{url}";
                variables[UrlsVariable] = both;
                // A value inherited from the AppHost's own environment would win.
                variables[UnprefixedUrlsVariable] = both;
            }
        });
        // A socket file left by a killed replica would keep its successor from listening.
        replica.OnBeforeResourceStarted((_, _, _) =>
        {
            File.Delete(Prepare(name, out _));
            return Task.CompletedTask;
        });
    }

    /// <summary>Creates the folder and the link of a replica where they are missing.</summary>
    /// <returns>The path of its socket.</returns>
    [UnsupportedOSPlatform("windows")]
    private string Prepare(string replica, out string link)
    {
        lock (_lock)
        {
            var folder = Folder();
            if (!Path.Exists(Path.Join(folder, replica)))
            {
                Link(replica, replica);
            }

            link = Path.Join(folder, _standsInFor.GetValueOrDefault(replica, replica));
            return Path.Join(folder, SocketOf(replica));
        }
    }

    /// <summary>Whether a socket does not yet have the mode of the one that a link points to.</summary>
    [UnsupportedOSPlatform("windows")]
    private bool IsLessOpen(string other, string replica)
    {
        lock (_lock)
        {
            try
            {
                var folder = Folder();
                var current = new FileInfo(Path.Join(folder, replica)).LinkTarget;
                return File.GetUnixFileMode(Path.Join(folder, SocketOf(other))) != File.GetUnixFileMode(Path.Join(folder, current));
            }
            catch (IOException)
            {
                // One of them does not exist: there is nothing to wait for.
                return false;
            }
        }
    }

    /// <summary>Creates or replaces a link in one step: a client connects to the old socket or to the new one.</summary>
    [UnsupportedOSPlatform("windows")]
    private void Link(string replica, string other)
    {
        var link = Path.Join(Folder(), replica);
        var made = $"{link}.new";
        File.Delete(made);
        File.CreateSymbolicLink(made, SocketOf(other));
        File.Move(made, link, overwrite: true);
    }

    [UnsupportedOSPlatform("windows")]
    private string Folder()
    {
        // Where the workers of a proxy run as another user, the proxy's package lets their group enter.
        var parent = PrivateParent.Of(Environment.GetEnvironmentVariable);
        try
        {
            _folder ??= PrivateFolder.Create(parent, FolderPrefix);
            _folder.Ensure();
            return _folder.Path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw parent.CannotWrite("The replicas' sockets cannot be kept in", exception);
        }
    }

    private static string SocketOf(string replica) => $"{replica}.sock";
}
