using System.Collections.Immutable;
using System.Runtime.Versioning;
using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>Keeps a running nginx in step with what the resources behind it are able to answer.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class NginxReloader(
    NginxResource nginx,
    UpstreamMembership membership,
    ResourceNotificationService notifications,
    Func<CancellationToken, Task<string?>> apply,
    bool openSockets,
    ILogger logger,
    TimeProvider timeProvider)
{
    /// <summary>The property of nginx's row that holds the path of the effective configuration.</summary>
    public const string ConfigurationProperty = "nginx.config";

    private const UnixFileMode AnyoneConnects =
        UnixFileMode.UserRead | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Changes within this time after a reload share the next one.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(50);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile TaskCompletionSource _caughtUp = new();
    private volatile string? _marker;
    private volatile bool _isServing;

    /// <summary>Follows all resources until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(WatchAsync(cancellationToken), ApplyChangesAsync(cancellationToken));

    /// <summary>
    /// Shows the path of the configuration as a property, and waits until everything published before is taken in:
    /// notifications come in order, and this one is told from an earlier one by the very string it carries.
    /// </summary>
    public async Task CatchUpAsync(string configurationFile, TimeSpan limit, CancellationToken cancellationToken)
    {
        var caughtUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var marker = new string(configurationFile.AsSpan());
        (_caughtUp, _marker) = (caughtUp, marker);
        // A change that changes nothing need not be shown, so the property goes before it comes again.
        await notifications.PublishUpdateAsync(nginx, snapshot => snapshot.Without(ConfigurationProperty)).ConfigureAwait(false);
        await notifications.PublishUpdateAsync(nginx, snapshot => snapshot.With(ConfigurationProperty, marker)).ConfigureAwait(false);
        try
        {
            await caughtUp.Task.WaitAsync(limit, timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.NotCaughtUp(logger, limit.TotalSeconds);
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        await foreach (var change in notifications.WatchAsync(cancellationToken).ConfigureAwait(false))
        {
            if (change.Resource == nginx)
            {
                FollowOwnState(change.Snapshot);
                continue;
            }

            var update = membership.Update(change);
            OpenSockets(update.Serving);
            if (update.Members)
            {
                _changes.Writer.TryWrite(true);
            }
        }
    }

    /// <summary>nginx takes signals from when its workers answer, and no longer when it is being stopped.</summary>
    private void FollowOwnState(CustomResourceSnapshot snapshot)
    {
        var isRunning = snapshot.State?.Text == KnownResourceStates.Running;
        var becomesServing = isRunning && !_isServing && snapshot.HealthStatus == HealthStatus.Healthy;
        _isServing = isRunning && (_isServing || becomesServing);
        if (becomesServing)
        {
            _changes.Writer.TryWrite(true);
        }

        if (_marker is { } marker && snapshot.Properties.Any(property => ReferenceEquals(property.Value, marker)))
        {
            _caughtUp.TrySetResult();
        }
    }

    private async Task ApplyChangesAsync(CancellationToken cancellationToken)
    {
        await foreach (var _ in _changes.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!_isServing)
            {
                continue;
            }

            if (await TryApplyAsync(cancellationToken).ConfigureAwait(false) is { } problem && _isServing)
            {
                Log.ReloadFailed(logger, problem);
            }

            await Task.Delay(Window, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<string?> TryApplyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await apply(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DistributedApplicationException)
        {
            return exception.Message;
        }
    }

    /// <summary>nginx's workers, when they run as another user, may connect to a socket only if anyone may; its folder keeps others out.</summary>
    private void OpenSockets(ImmutableArray<string> serving)
    {
        foreach (var socket in openSockets ? serving.Select(MemberAddress.SocketPath).OfType<string>() : [])
        {
            try
            {
                File.SetUnixFileMode(socket, AnyoneConnects);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Log.SocketNotOpened(logger, socket, exception.Message);
            }
        }
    }
}
