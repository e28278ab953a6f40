namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>How many connections a worker gets, and how many files it may open for them.</summary>
/// <param name="Connections">For <c>worker_connections</c>.</param>
/// <param name="OpenFiles">For <c>worker_rlimit_nofile</c>.</param>
/// <param name="Warning">What the limit of open files does not allow, or null.</param>
internal sealed record WorkerSizing(int Connections, int OpenFiles, string? Warning)
{
    /// <summary>10,000 clients, each with a connection to a member, and some for health checks and idle ones.</summary>
    public const int DefaultConnections = 20_480;

    private const int ClientsExpected = 10_000;
    private const int FilesBesideConnections = 256;

    /// <summary>Fits the wish into the hard limit of open files per process.</summary>
    /// <param name="wanted">The connections the AppHost asked for, or null for the default.</param>
    /// <param name="workers">The number of worker processes.</param>
    /// <param name="hardLimit">The hard limit of open files, or null where there is none.</param>
    public static WorkerSizing Fit(int? wanted, int workers, long? hardLimit)
    {
        var connections = wanted ?? DefaultConnections;
        if (hardLimit is not { } limit || connections + FilesBesideConnections <= limit)
        {
            return new(connections, connections + FilesBesideConnections, null);
        }

        var fitting = (int)Math.Max(64, limit - FilesBesideConnections);
        var clients = Math.Min((long)fitting * workers / 2, int.MaxValue);
        var warning = wanted is not null
            ? $"WithWorkers asks for {wanted} connections per worker, but the hard limit of open files is {limit}: each worker gets {fitting}. Raise the limit (ulimit -Hn) to have them all."
            : clients < ClientsExpected
                ? $"The hard limit of open files is {limit}: nginx can carry about {clients} clients at once. Raise it (ulimit -Hn) to at least {DefaultConnections + FilesBesideConnections} for {ClientsExpected}."
                : null;
        return new(fitting, (int)Math.Min(limit, fitting + FilesBesideConnections), warning);
    }
}
