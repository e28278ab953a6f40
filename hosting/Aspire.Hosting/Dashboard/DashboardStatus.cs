using Aspire.Hosting.Dashboard.Settings;

namespace Aspire.Hosting.Dashboard;

/// <summary>What others may know of this run's dashboard: whether there is one, where it is, and with what it is opened.</summary>
/// <param name="settings">The dashboard's settings; null when it is off.</param>
internal sealed class DashboardStatus(DashboardSettings? settings)
{
    private readonly TaskCompletionSource<bool> _firstOutcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isHealthy;

    /// <summary>Whether the dashboard is on.</summary>
    public bool IsEnabled => settings is not null;

    /// <summary>Whether it serves at this moment.</summary>
    public bool IsHealthy => _isHealthy;

    /// <summary>The address of its pages; null when it is off.</summary>
    public string? BaseUrl => settings?.PublicUrl;

    /// <summary>The address that logs in; null when it is off.</summary>
    public string? LoginUrl => settings?.LoginUrl;

    /// <summary>Where its HTTP API is; null when it is off.</summary>
    public string? ApiUrl => settings?.PublicUrl;

    /// <summary>The key to its HTTP API; null when it is off or asks for none.</summary>
    public string? ApiKey => settings?.Secrets.ApiKey;

    /// <summary>Waits for the first outcome: true when it serves, false when it is off or this run has none.</summary>
    public Task<bool> WaitForFirstOutcomeAsync(CancellationToken cancellationToken) =>
        settings is null ? Task.FromResult(false) : _firstOutcome.Task.WaitAsync(cancellationToken);

    /// <summary>Says that it serves.</summary>
    internal void SetHealthy()
    {
        _isHealthy = true;
        _firstOutcome.TrySetResult(true);
    }

    /// <summary>Says that it does not serve.</summary>
    /// <param name="forGood">Whether it is not tried again.</param>
    internal void SetDown(bool forGood)
    {
        _isHealthy = false;
        if (forGood)
        {
            _firstOutcome.TrySetResult(false);
        }
    }
}
