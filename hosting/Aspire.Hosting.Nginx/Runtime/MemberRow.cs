using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>What is known of one row behind nginx.</summary>
/// <param name="Address">Where it answers, as nginx writes it; null while that is not known.</param>
/// <param name="IsServing">Whether it runs and is healthy.</param>
/// <param name="IsExcluded">Whether it ran and was found unhealthy, and has not been healthy since.</param>
/// <param name="IsSpare">Whether it neither runs nor is shown: nobody is meant to answer there yet.</param>
internal sealed record MemberRow(string? Address, bool IsServing, bool IsExcluded, bool IsSpare = false)
{
    public static readonly MemberRow Unknown = new(null, false, false);

    /// <summary>
    /// Whether nginx may ask it. A Unix socket is a member also while nobody listens there: nginx finds out with one connection
    /// that costs next to nothing, and a crash, a restart or one replica more needs no reload. A port may be somebody else's by
    /// then, so it is a member only while it serves.
    /// </summary>
    public bool IsMember => Address is not null && (MemberAddress.SocketPath(Address) is null ? IsServing : !IsExcluded);

    /// <summary>What the row is after a change.</summary>
    /// <param name="snapshot">What the row has become.</param>
    /// <param name="endpointName">The endpoint that is asked.</param>
    /// <param name="isListening">
    /// Whether somebody listens at the path of a socket. Where nobody does, the process has just died or is not up yet; nginx sees
    /// that by itself, and a reload would cost its clients their idle connections.
    /// </param>
    public MemberRow Next(CustomResourceSnapshot snapshot, string endpointName, Predicate<string> isListening)
    {
        var isRunning = snapshot.State?.Text == KnownResourceStates.Running;
        var isServing = isRunning && snapshot.HealthStatus == HealthStatus.Healthy;
        var isSick = isRunning && snapshot.HealthReports.Any(report => report.Status is not (null or HealthStatus.Healthy));
        var address = MemberAddress.Of(snapshot, endpointName) ?? Address;
        return new(address, isServing, !isServing && (IsExcluded || (isSick && MayBeAsked(address, isListening))), snapshot.IsHidden && !isRunning);
    }

    private static bool MayBeAsked(string? address, Predicate<string> isListening) =>
        address is null || MemberAddress.SocketPath(address) is not { } socket || isListening(socket);
}
