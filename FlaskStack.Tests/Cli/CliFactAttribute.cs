namespace FlaskStack.Tests.Cli;

/// <summary>A test that drives the real Aspire CLI, and is skipped on a machine that cannot have it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CliFactAttribute : FactAttribute
{
    public CliFactAttribute() => Skip = RealCli.Problem;
}
