namespace FlaskStack.Deployment.Tests.Systemd;

/// <summary>A theory that asks systemd, and is skipped on a machine without it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SystemdTheoryAttribute : TheoryAttribute
{
    public SystemdTheoryAttribute() => Skip = new SystemdFactAttribute().Skip;
}
