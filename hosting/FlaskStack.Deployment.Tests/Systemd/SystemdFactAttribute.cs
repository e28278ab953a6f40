namespace FlaskStack.Deployment.Tests.Systemd;

/// <summary>A test that asks systemd, and is skipped on a machine without it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SystemdFactAttribute : FactAttribute
{
    public SystemdFactAttribute() =>
        Skip = SystemdAnalyze.Path is null
            ? "No systemd-analyze: install it (Debian: apt-get install --no-install-recommends systemd)."
            : null;
}
