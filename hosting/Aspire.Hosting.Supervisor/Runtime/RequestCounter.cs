using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Asks a replica, at its own address, how many requests it has served.</summary>
/// <remarks>
/// The process itself counts: Aspire has no public API for it, and the counters of a proxy exist only where there is one, and outlive the
/// process.
/// </remarks>
/// <param name="timeout">How long a replica may take to answer.</param>
internal sealed class RequestCounter(TimeSpan timeout) : IDisposable
{
    private const string UrlsVariable = "ASPNETCORE_URLS";
    private const int LongestAnswer = 4096;

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
    })
    {
        Timeout = timeout,
        MaxResponseContentBufferSize = LongestAnswer,
    };

    /// <summary>Reads the number.</summary>
    /// <exception cref="HttpRequestException">The replica does not answer, or not with success.</exception>
    /// <exception cref="FormatException">The answer is no number.</exception>
    /// <exception cref="TaskCanceledException">It did not answer in time.</exception>
    public async Task<long> CountAsync(Uri address, string path, CancellationToken cancellationToken)
    {
        using var response = await _client.GetAsync(new Uri(address, path), cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        return long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new FormatException("the answer is not a whole number.");
    }

    /// <summary>The address of a replica's own port, or null.</summary>
    /// <remarks>It comes from the environment first: the URLs of the snapshot may be those of a proxy.</remarks>
    public static Uri? AddressOf(CustomResourceSnapshot snapshot)
    {
        var own = snapshot.EnvironmentVariables.FirstOrDefault(variable => variable.Name == UrlsVariable)?.Value?.Split(';') ?? [];
        var shown = snapshot.Urls.Where(url => url is { IsInternal: false, Name: not null }).Select(url => url.Url);
        return own.Concat(shown)
            .Select(text => Uri.TryCreate(text, UriKind.Absolute, out var url) ? url : null)
            .FirstOrDefault(url => url is { Scheme: "http", Host: not "unix" });
    }

    public void Dispose() => _client.Dispose();
}

/// <summary>The number of requests that one instance has served, as it reports it.</summary>
/// <param name="counter">Reads the number.</param>
/// <param name="path">The path of the number, or null when it is not needed.</param>
/// <param name="failed">Called with the problem at the first of several failures.</param>
internal sealed class InstanceRequests(RequestCounter counter, string? path, Action<string> failed)
{
    private Uri? _address;
    private bool _isFailing;

    /// <summary>Reads the address of the instance; called at each of its starts.</summary>
    public void Observe(CustomResourceSnapshot snapshot) => _address = path is null ? null : RequestCounter.AddressOf(snapshot);

    /// <summary>Reads the number.</summary>
    /// <returns>The number, or null when it is not needed or not known.</returns>
    public async Task<long?> CountAsync(Func<bool> isServing, CancellationToken cancellationToken)
    {
        if (_address is not { } address || !isServing())
        {
            return null;
        }

        try
        {
            var count = await counter.CountAsync(address, path!, cancellationToken).ConfigureAwait(false);
            _isFailing = false;
            return count;
        }
        catch (Exception exception) when (exception is HttpRequestException or FormatException
            || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            if (!_isFailing && isServing())
            {
                _isFailing = true;
                failed(exception.Message);
            }

            return null;
        }
    }
}
