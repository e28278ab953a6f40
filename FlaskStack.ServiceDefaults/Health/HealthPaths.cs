namespace FlaskStack.ServiceDefaults.Health;

/// <summary>Where a service tells how it is.</summary>
internal static class HealthPaths
{
    /// <summary>All checks pass: send requests.</summary>
    public const string Ready = "/health";

    /// <summary>The checks tagged <see cref="LiveTag"/> pass: no restart is needed.</summary>
    public const string Alive = "/alive";

    /// <summary>How many requests the process has served, for whoever replaces it after some number of them.</summary>
    public const string Served = "/alive/requests";

    /// <summary>The tag of checks that tell whether the process works at all.</summary>
    public const string LiveTag = "live";

    /// <summary>Whether a path is one of these: what is asked there is no work of the service.</summary>
    public static bool Contains(string? path) => path is Ready or Alive or Served;
}
