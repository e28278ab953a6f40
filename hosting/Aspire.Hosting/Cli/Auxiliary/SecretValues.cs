using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Settings;

namespace Aspire.Hosting.Cli.Auxiliary;

/// <summary>
/// The secrets of this run, which the CLI would otherwise print with the environment of a resource: keys of the dashboard, and whatever
/// a row has shown as sensitive. What was a secret once stays one.
/// </summary>
internal sealed class SecretValues
{
    /// <summary>A shorter secret is found only where it is the whole text: it would be in too many others by chance.</summary>
    private const int ShortestPart = 6;

    private readonly ConcurrentDictionary<string, bool> _values = new(StringComparer.Ordinal);

    /// <param name="dashboard">The dashboard's keys; null when it is off.</param>
    public SecretValues(DashboardSecrets? dashboard)
    {
        Add(dashboard?.ApiKey);
        Add(dashboard?.BrowserToken);
        Add(dashboard?.OtlpApiKey);
        Add(dashboard?.ResourceServiceApiKey);
    }

    /// <summary>Learns what a row shows as sensitive.</summary>
    public void Learn(CustomResourceSnapshot snapshot)
    {
        foreach (var property in snapshot.Properties.OrEmpty().Where(static property => property.IsSensitive))
        {
            Add(property.Value as string);
        }
    }

    /// <summary>Whether a text is a secret or holds one.</summary>
    public bool Occur(string? text) =>
        !string.IsNullOrEmpty(text)
        && (_values.ContainsKey(text) || _values.Keys.Any(secret => secret.Length >= ShortestPart && text.Contains(secret, StringComparison.Ordinal)));

    private void Add(string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            _values.TryAdd(value, true);
        }
    }
}
