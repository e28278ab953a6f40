namespace Aspire.Hosting.Dashboard.Launching;

/// <summary>
/// How long to wait before the dashboard is started again: not at all the first time, then twice as long each time up to half a
/// minute. A run of a minute counts as the dashboard's recovery.
/// </summary>
internal sealed class RestartBackoff
{
    /// <summary>A dashboard that ran this long works.</summary>
    public static readonly TimeSpan RecoveryTime = TimeSpan.FromMinutes(1);

    /// <summary>The longest wait.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);

    private TimeSpan _next = TimeSpan.Zero;

    /// <summary>The wait after a run that lasted this long.</summary>
    public TimeSpan Next(TimeSpan lasted)
    {
        var wait = lasted >= RecoveryTime ? TimeSpan.Zero : _next;
        var following = wait == TimeSpan.Zero ? First : wait * 2;
        _next = following < Longest ? following : Longest;
        return wait;
    }
}
