using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Supervisor.Replicas;

/// <summary>
/// The folder of the replicas' Unix sockets. A request over a socket costs less than one over a port, and an attempt to connect where nobody
/// listens costs microseconds.
/// </summary>
/// <remarks>
/// A proxy connects to a link beside each socket. While another replica stands in, the link leads to that one's socket, and the proxy needs no
/// reload.
/// </remarks>
internal sealed class ReplicaSockets : IDisposable
{
    private const string UrlsVariable = "ASPNETCORE_URLS";
    private const string UnprefixedUrlsVariable = "URLS";
    private const string KestrelPrefix = "Kestrel__Endpoints__";
    private const string KestrelVariable = "Kestrel__Endpoints__UnixSocket__Url";
    private const string FolderPrefix = "replicas-";

    /// <summary>Tells a proxy, such as that of Aspire.Hosting.Nginx, the link.</summary>
    private const string LinkVariable = "UPSTREAM_SOCKET";

    /// <summary>A proxy sees a new socket within this time; where it does not, a request goes to another replica.</summary>
    private static readonly TimeSpan AdmissionLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AdmissionPause = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _standsInFor = [];
    private PrivateFolder? _folder;

    /// <summary>Lets a replica listen on a socket beside its port, by its environment alone.</summary>
    public void Add(IResourceBuilder<ProjectResource> replica)
    {
        if (!OperatingSystem.IsWindows())
        {
            AddSocket(replica);
        }
    }

    /// <summary>Has a replica that is started next be reached by the link of another: for a proxy it is no further one.</summary>
    /// <param name="replica">The replica.</param>
    /// <param name="other">The other one, or itself.</param>
    public void StandIn(IResource replica, IResource other)
    {
        lock (_lock)
        {
            _standsInFor[replica.Name] = other.Name;
        }
    }

    /// <summary>Has the link of a replica lead to the socket of another, or to its own again, once those who connect may connect there too.</summary>
    /// <remarks>The workers of a proxy may run as another user, whom the proxy's package admits to each socket when it sees it.</remarks>
    public async Task LeadAsync(IResource replica, IResource other, TimeProvider time, CancellationToken cancellationToken)
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
            var url = $"http://unix:{Prepare(name, out var link)}";
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
                // Inherited from whoever starts the AppHost, this one would win.
                variables[UnprefixedUrlsVariable] = both;
            }
        });
        // What a killed replica leaves behind would keep its successor from listening.
        replica.OnBeforeResourceStarted((_, _, _) =>
        {
            File.Delete(Prepare(name, out _));
            return Task.CompletedTask;
        });
    }

    /// <summary>Makes the folder and the link of a replica where they are missing.</summary>
    /// <returns>Its socket.</returns>
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

    /// <summary>Whether a socket has not the mode yet of the one that a link leads to.</summary>
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
                // One of them is not there: there is nothing to wait for.
                return false;
            }
        }
    }

    /// <remarks>Replaced in one step: a connection meets the old socket or the new one.</remarks>
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
        // The workers of a proxy may run as another user where the AppHost is root.
        _folder ??= PrivateFolder.Create(FolderPrefix, othersEnter: Environment.IsPrivilegedProcess);
        _folder.Ensure();
        return _folder.Path;
    }

    private static string SocketOf(string replica) => $"{replica}.sock";
}
