namespace FlaskStack.ServiceDefaults.Health;

/// <summary>Where a service tells how it is.</summary>
internal static class HealthPaths
{
    /// <summary>All checks pass: send requests.</summary>
    public const string Ready = "/health";

    /// <summary>The checks tagged <see cref="LiveTag"/> pass: no restart is needed.</summary>
    public const string Alive = "/alive";

    /// <summary>The tag of checks that tell whether the process works at all.</summary>
    public const string LiveTag = "live";
}
